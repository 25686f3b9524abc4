// Photon rates of the last frame, and when telemetry is due: a second after the start, then every second. A rate is
// photons × tickHz / ticks of the frame, rounded, where these are the frame period, or without one the time since the
// frame before.
`default_nettype none

module telemetry (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  [63:0] ticks,
    input  wire  [31:0] tick_hz,
    input  wire  [63:0] period_ticks,
    input  wire  begin_series,
    input  wire  running,
    // Pulse: photons and peak of a frame are there.
    input  wire  totals_valid,
    input  wire  [47:0] frame_photons,
    input  wire  [31:0] largest_pixel,
    output logic [31:0] photon_rate_hz,
    output logic [31:0] peak_pixel_rate_hz,
    output logic due,
    input  wire  sent
);
  typedef enum logic [1:0] {WAIT, TOTAL, PEAK} state_t;
  state_t state_reg;
  logic [63:0] due_ticks_reg, last_frame_ticks_reg;
  logic [63:0] span_reg;
  logic [47:0] photons_reg;
  logic [31:0] peak_reg;
  // The product in stages for the multipliers to take in as their pipeline registers.
  logic [47:0] factor_reg;
  logic [79:0] product_reg, product_next_reg, product_last_reg;
  logic multiply_reg;
  logic [3:0] multiplying_reg;
  logic divided;
  logic [79:0] quotient;

  serial_divider #(.NUMERATOR_BITS(80), .DENOMINATOR_BITS(64)) divider (
      .clk, .rst_n,
      .start(multiplying_reg[3]),
      .numerator(product_last_reg + {17'd0, span_reg[63:1]}),
      .denominator(span_reg),
      .done(divided),
      .quotient
  );
  wire [31:0] rate = |quotient[79:32] ? 32'hffff_ffff : quotient[31:0];

  always_ff @(posedge clk) begin
    multiply_reg <= 1'b0;
    multiplying_reg <= rst_n ? {multiplying_reg[2:0], multiply_reg} : '0;
    factor_reg <= state_reg == PEAK ? 48'(peak_reg) : photons_reg;
    product_reg <= factor_reg * 80'(tick_hz);
    product_next_reg <= product_reg;
    product_last_reg <= product_next_reg;
    if (totals_valid) last_frame_ticks_reg <= ticks;
    else if (begin_series) last_frame_ticks_reg <= ticks;
    if (!rst_n) begin
      state_reg <= WAIT;
      photon_rate_hz <= '0;
      peak_pixel_rate_hz <= '0;
    end else begin
      case (state_reg)
        WAIT:
          if (totals_valid) begin
            state_reg <= TOTAL;
            multiply_reg <= 1'b1;
            photons_reg <= frame_photons;
            peak_reg <= largest_pixel;
            span_reg <= period_ticks != 0 ? period_ticks : ticks - last_frame_ticks_reg;
          end
        TOTAL:
          if (divided) begin
            photon_rate_hz <= rate;
            state_reg <= PEAK;
            multiply_reg <= 1'b1;
          end
        default:
          if (divided) begin
            peak_pixel_rate_hz <= rate;
            state_reg <= WAIT;
          end
      endcase
    end
  end

  always_ff @(posedge clk) begin
    if (begin_series || sent) due_ticks_reg <= ticks + 64'(tick_hz);
    due <= rst_n && running && !begin_series && !sent && ticks >= due_ticks_reg;
  end
endmodule

`default_nettype wire
