// A value, CYCLES clock cycles later (at least 1).
`default_nettype none

module delay_line #(
    parameter int WIDTH = 16,
    parameter int CYCLES = 1
) (
    input  wire  clk,
    input  wire  [WIDTH-1:0] value,
    output logic [WIDTH-1:0] delayed
);
  logic [CYCLES*WIDTH-1:0] values_reg;

  assign delayed = values_reg[(CYCLES-1)*WIDTH+:WIDTH];

  generate
    if (CYCLES == 1) begin : gen_one
      always_ff @(posedge clk) values_reg <= value;
    end else begin : gen_more
      always_ff @(posedge clk) values_reg <= {values_reg[(CYCLES-1)*WIDTH-1:0], value};
    end
  endgenerate
endmodule

`default_nettype wire
