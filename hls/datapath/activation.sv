// Kwan's second-order tanh or sigmoid, Q12 to Q15: one multiplication, 3 cycles (docs/fixed-point.md §2, activations).
`default_nettype none

module activation #(
    parameter bit SIGMOID = 0
) (
    input  wire  clk,
    input  wire  signed [15:0] p,
    output logic signed [15:0] y
);
  // |p| where the function is 1 from there on, and how steep it is at 0.
  localparam logic [16:0] LIMIT = SIGMOID ? 17'd16383 : 17'd8191;
  localparam int SLOPE_BITS = SIGMOID ? 1 : 2;

  wire signed [16:0] wide = {p[15], p};
  logic [16:0] magnitude, limited;
  logic signed [16:0] base_reg;
  logic signed [31:0] square_reg;
  logic [1:0] negative_reg;
  logic signed [31:0] rounded, above;
  logic signed [15:0] size;

  assign magnitude = wide < 0 ? -wide : wide;
  assign limited = magnitude > LIMIT ? LIMIT : magnitude;
  assign rounded = (square_reg + 32'sh4000) >>> 15;
  assign above = 32'sd32766 - rounded;
  assign size = SIGMOID ? above[16:1] : above[15:0];

  always_ff @(posedge clk) begin
    base_reg <= 17'sd32767 - $signed(limited << SLOPE_BITS);
    square_reg <= $signed(base_reg[15:0]) * $signed(base_reg[15:0]);
    negative_reg <= {negative_reg[0], p[15]};
    if (SIGMOID) y <= negative_reg[1] ? 16'sd16384 - size : 16'sd16384 + size;
    else y <= negative_reg[1] ? -size : size;
  end
endmodule

`default_nettype wire
