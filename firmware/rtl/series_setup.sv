// What arm computes once for a series: the frame period in ticks, and how many rows a packet holds. No divider works at
// the frame rate, and no multiplier at all: rows are added up while they fit.
`default_nettype none

module series_setup #(
    parameter int PAYLOAD_BITS = 12
) (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  start,
    output logic done,
    input  wire  [31:0] frame_period_us,
    input  wire  [31:0] tick_hz,
    // Straps: both within 2^PAYLOAD_BITS bytes a row (geometry_check).
    input  wire  [31:0] width,
    input  wire  [15:0] height,
    input  wire  [31:0] row_beats,
    input  wire  histograms,
    input  wire  lifetimes,
    input  wire  standard_errors,
    input  wire  [31:0] rows_per_packet,
    // 0: frames follow one another without a period.
    output logic [63:0] period_ticks,
    output logic [63:0] exposure_ticks,
    output logic [15:0] band_rows,
    output logic [PAYLOAD_BITS-3:0] band_beats,
    output logic [PAYLOAD_BITS-4:0] band_quads
);
  localparam int WORD_BITS = PAYLOAD_BITS - 2;
  localparam logic [WORD_BITS:0] MOST_WORDS = (WORD_BITS + 1)'(1) << (PAYLOAD_BITS - 3);
  // The exposure ends before the next one is due by this, for the mark to come through.
  localparam logic [63:0] MARK_TICKS = 64'd64;

  logic pending_reg, dividing_reg, counting_reg;
  logic [WORD_BITS:0] lifetime_words_reg, histogram_words_reg;
  logic period_known;
  logic [63:0] quotient;
  // The product in stages for the multipliers to take in as their pipeline registers.
  logic [63:0] product_reg, product_next_reg, numerator_reg;
  logic [2:0] multiplying_reg;

  serial_divider #(.NUMERATOR_BITS(64), .DENOMINATOR_BITS(32)) divider (
      .clk, .rst_n,
      .start(multiplying_reg[2]),
      .numerator(numerator_reg),
      .denominator(32'd1_000_000),
      .done(period_known),
      .quotient
  );

  wire [31:0] row_quads = {2'b00, width[31:2]};
  wire [WORD_BITS:0] row_lifetime_words = (WORD_BITS + 1)'({row_quads, 2'b00}) +
      (standard_errors ? (WORD_BITS + 1)'({row_quads, 1'b0}) : '0);
  wire [WORD_BITS:0] lifetime_words = lifetime_words_reg + (lifetimes ? row_lifetime_words : '0);
  wire [WORD_BITS:0] histogram_words = histogram_words_reg + (histograms ? (WORD_BITS + 1)'(row_beats) : '0);
  wire another = lifetime_words <= MOST_WORDS && histogram_words <= MOST_WORDS && band_rows != height &&
      32'(band_rows) != rows_per_packet;

  always_ff @(posedge clk) begin
    multiplying_reg <= rst_n ? {multiplying_reg[1:0], start} : '0;
    product_reg <= frame_period_us * 64'(tick_hz);
    product_next_reg <= product_reg;
    numerator_reg <= product_next_reg;
    done <= 1'b0;
    if (!rst_n) begin
      pending_reg <= 1'b0;
      dividing_reg <= 1'b0;
      counting_reg <= 1'b0;
    end else if (start) begin
      pending_reg <= 1'b1;
      dividing_reg <= 1'b1;
      counting_reg <= 1'b1;
      {band_rows, band_beats, band_quads, lifetime_words_reg, histogram_words_reg} <= '0;
    end else begin
      if (period_known) begin
        dividing_reg <= 1'b0;
        period_ticks <= quotient;
        exposure_ticks <= quotient > MARK_TICKS ? quotient - MARK_TICKS : 64'd0;
      end
      if (counting_reg && another) begin
        band_rows <= band_rows + 1'b1;
        // Beyond their bits only where histograms are not asked for, and then not used.
        band_beats <= band_beats + (PAYLOAD_BITS - 2)'(row_beats);
        band_quads <= band_quads + (PAYLOAD_BITS - 3)'(row_quads);
        lifetime_words_reg <= lifetime_words;
        histogram_words_reg <= histogram_words;
      end else if (counting_reg) begin
        counting_reg <= 1'b0;
      end
      if (pending_reg && !dividing_reg && !counting_reg) begin
        pending_reg <= 1'b0;
        done <= 1'b1;
      end
    end
  end
endmodule

`default_nettype wire
