// A unit of the head's hidden layer for one pixel lane (docs/fixed-point.md §3.1): UNROLL inputs a cycle with all 16 bits
// of the state. Bias and shift are taken with the last column; `y` is there 10 cycles after it.
`default_nettype none

module head_row #(
    parameter int UNROLL = 4
) (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  valid,
    input  wire  first,
    input  wire  last,
    input  wire  [8*UNROLL-1:0] weights,
    input  wire  [16*UNROLL-1:0] states,
    input  wire  signed [30:0] bias,
    input  wire  [4:0] shift,
    output logic done,
    output logic signed [15:0] y
);
  localparam int SUM_BITS = 32;
  logic row_done;
  logic signed [SUM_BITS-1:0] dot, sum_reg;
  logic signed [30:0] bias_later;
  logic [4:0] shift_later;
  logic signed [15:0] p;

  dot_column #(.UNROLL(UNROLL), .WIDTH(16), .SUM_BITS(SUM_BITS)) row (
      .clk(clk), .rst_n(rst_n), .valid(valid), .first(first), .last(last),
      .weights(weights), .inputs(states), .done(row_done), .sum(dot));
  delay_line #(.WIDTH(31), .CYCLES(4)) bias_delay (.clk(clk), .value(bias), .delayed(bias_later));
  delay_line #(.WIDTH(5), .CYCLES(5)) shift_delay (.clk(clk), .value(shift), .delayed(shift_later));
  always_ff @(posedge clk) sum_reg <= dot + SUM_BITS'(bias_later);
  round_saturate #(.WIDTH(SUM_BITS)) rounding (.clk(clk), .accumulator(sum_reg), .shift(shift_later), .rounded(p));
  activation #(.SIGMOID(0)) squash (.clk(clk), .p(p), .y(y));
  delay_line #(.WIDTH(1), .CYCLES(6)) done_delay (.clk(clk), .value(rst_n && row_done), .delayed(done));
endmodule

`default_nettype wire
