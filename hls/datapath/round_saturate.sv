// Division of an accumulator by 2^shift, rounding half up, saturated to int16: 2 cycles (docs/fixed-point.md, rnd and sat16).
`default_nettype none

module round_saturate #(
    parameter int WIDTH = 24
) (
    input  wire  clk,
    input  wire  signed [WIDTH-1:0] accumulator,
    input  wire  [4:0] shift,  // 1 to 24
    output logic signed [15:0] rounded
);
  logic signed [WIDTH:0] raised_reg;
  logic [4:0] shift_reg;
  logic signed [WIDTH:0] shifted;

  assign shifted = raised_reg >>> shift_reg;

  always_ff @(posedge clk) begin
    raised_reg <= accumulator + $signed((WIDTH + 1)'(1) << (shift - 5'd1));
    shift_reg <= shift;
    if (shifted > 32767) rounded <= 16'sh7fff;
    else if (shifted < -32768) rounded <= 16'sh8000;
    else rounded <= shifted[15:0];
  end
endmodule

`default_nettype wire
