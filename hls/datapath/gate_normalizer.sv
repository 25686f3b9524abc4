// Inputs of the network for a pixel (docs/fixed-point.md §1.2 to 1.5). `start` takes the photons of the pixel; 33 cycles
// later `ready` is high, photon_feature stands, and gates may come one a cycle; a feature is there 8 cycles after its gate.
`default_nettype none

module gate_normalizer #(
    // Trained range of the photon feature, Q7.
    parameter logic signed [12:0] UMIN = -13'sd1920,
    parameter logic signed [12:0] UMAX = 13'sd1920
) (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  start,
    input  wire  [20:0] photons,  // 1 to 2^20
    output logic ready,
    output logic signed [11:0] photon_feature,
    input  wire  gate_valid,
    input  wire  [20:0] gate_count,
    output logic feature_valid,
    output logic [10:0] feature
);
  // floor(2^31 / photons) by restoring division, a bit a cycle.
  logic [20:0] divisor_reg;
  logic [21:0] rest_reg, trial;
  logic [31:0] quotient_reg;
  logic [5:0] bits_left_reg;
  logic busy_reg, fits;
  assign trial = bits_left_reg == 6'd32 ? 22'd1 : {rest_reg[20:0], 1'b0};
  assign fits = trial >= {1'b0, divisor_reg};
  assign ready = !busy_reg && !start;

  always_ff @(posedge clk) begin
    if (start) begin
      divisor_reg <= photons;
      bits_left_reg <= 6'd32;
    end else if (busy_reg) begin
      rest_reg <= fits ? trial - {1'b0, divisor_reg} : trial;
      quotient_reg <= {quotient_reg[30:0], fits};
      bits_left_reg <= bits_left_reg - 6'd1;
    end
    busy_reg <= rst_n && (start || (busy_reg && bits_left_reg != 6'd1));
  end

  // log2(N / 1024), Q7.
  logic [4:0] exponent;
  logic [27:0] mantissa;
  logic signed [12:0] logarithm;
  always_comb begin
    exponent = '0;
    for (int i = 1; i <= 20; i++) if (divisor_reg[i]) exponent = 5'(i);
  end
  assign mantissa = {divisor_reg, 7'd0} >> exponent;
  assign logarithm = 13'($signed({1'b0, exponent, 7'd0})) + 13'($signed({1'b0, mantissa[7:0]})) - 13'sd1408;
  always_ff @(posedge clk) begin
    if (logarithm < UMIN) photon_feature <= UMIN[11:0];
    else if (logarithm > UMAX) photon_feature <= UMAX[11:0];
    else photon_feature <= logarithm[11:0];
  end

  // The share, Q20: at most 2^31 before the shift.
  logic [31:0] product_reg;
  logic [20:0] share_reg;
  logic [7:0] valid_reg;
  always_ff @(posedge clk) begin
    product_reg <= gate_count * quotient_reg;
    share_reg <= product_reg[31:11];
    valid_reg <= rst_n ? {valid_reg[6:0], gate_valid} : '0;
  end
  assign feature_valid = valid_reg[7];

  // Its root: 11 digits, two a cycle.
  localparam int STAGES = 6;
  logic [21*(STAGES+1)-1:0] rests, roots;
  assign rests[20:0] = share_reg;
  assign roots[20:0] = '0;
  genvar stage;
  generate
    for (stage = 0; stage < STAGES; stage++) begin : gen_digits
      localparam int DIGITS = stage == STAGES - 1 ? 1 : 2;
      logic [20:0] rest, root, step, rest_out_reg, root_out_reg;
      always_comb begin
        rest = rests[21*stage+:21];
        root = roots[21*stage+:21];
        for (int i = 0; i < DIGITS; i++) begin
          step = 21'd1 << (20 - 2 * (2 * stage + i));
          if (rest >= root + step) begin
            rest = rest - root - step;
            root = (root >> 1) + step;
          end else begin
            root = root >> 1;
          end
        end
      end
      always_ff @(posedge clk) begin
        rest_out_reg <= rest;
        root_out_reg <= root;
      end
      assign rests[21*(stage+1)+:21] = rest_out_reg;
      assign roots[21*(stage+1)+:21] = root_out_reg;
    end
  endgenerate
  assign feature = roots[21*STAGES+:11];
endmodule

`default_nettype wire
