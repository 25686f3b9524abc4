// quotient = numerator / denominator, a bit a cycle. A denominator of 0 gives all ones.
`default_nettype none

module serial_divider #(
    parameter int NUMERATOR_BITS = 64,
    parameter int DENOMINATOR_BITS = 32
) (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  start,
    input  wire  [NUMERATOR_BITS-1:0] numerator,
    input  wire  [DENOMINATOR_BITS-1:0] denominator,
    output logic done,
    output logic [NUMERATOR_BITS-1:0] quotient
);
  localparam int COUNT_BITS = $clog2(NUMERATOR_BITS + 1);

  logic [COUNT_BITS-1:0] steps_left_reg;
  logic [DENOMINATOR_BITS-1:0] denominator_reg;
  logic [DENOMINATOR_BITS-1:0] remainder_reg;

  // The numerator leaves at the top of `quotient` while the quotient comes in at its bottom.
  wire [DENOMINATOR_BITS:0] shifted = {remainder_reg, quotient[NUMERATOR_BITS-1]};
  wire [DENOMINATOR_BITS:0] difference = shifted - {1'b0, denominator_reg};
  wire fits = shifted >= {1'b0, denominator_reg};

  always_ff @(posedge clk) begin
    done <= rst_n && !start && steps_left_reg == 1;
    if (!rst_n) begin
      steps_left_reg <= '0;
    end else if (start) begin
      steps_left_reg <= COUNT_BITS'(NUMERATOR_BITS);
      denominator_reg <= denominator;
      remainder_reg <= '0;
      quotient <= numerator;
    end else if (steps_left_reg != 0) begin
      steps_left_reg <= steps_left_reg - 1'b1;
      remainder_reg <= fits ? difference[DENOMINATOR_BITS-1:0] : shifted[DENOMINATOR_BITS-1:0];
      quotient <= {quotient[NUMERATOR_BITS-2:0], fits};
    end
  end
endmodule

`default_nettype wire
