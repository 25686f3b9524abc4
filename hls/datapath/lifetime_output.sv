// The head's output layer for one pixel lane (docs/fixed-point.md §3.2 to 4): a value of the hidden layer a cycle, four
// outputs side by side, then the ranges. `done` is high 5 cycles after the last value.
`default_nettype none

module lifetime_output #(
    parameter logic [15:0] TAU_MIN_PS = 200,
    parameter logic [15:0] TAU_MAX_PS = 5000
) (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  valid,
    input  wire  first,
    input  wire  last,
    input  wire  signed [15:0] y,
    input  wire  [31:0] weights,  // of outputs 0 to 3
    input  wire  [4*31-1:0] biases,
    input  wire  [4*5-1:0] shifts,
    input  wire  photons_valid,
    output logic done,
    output logic [63:0] outputs  // tau_amp, tau_int and their standard errors, ps; 0 where the pixel is invalid
);
  logic [63:0] ranged_reg;
  logic [3:0] valid_reg, first_reg, last_reg;
  genvar o;

  generate
    for (o = 0; o < 4; o++) begin : gen_output
      localparam int LEAST = o < 2 ? 0 : 1;
      wire signed [7:0] weight = weights[8*o+:8];
      logic signed [23:0] product_reg;
      logic signed [31:0] sum_reg, shifted_reg;
      logic signed [32:0] raised_reg;
      always_ff @(posedge clk) begin
        product_reg <= weight * y;
        if (valid_reg[0]) sum_reg <= (first_reg[0] ? 32'($signed(biases[31*o+:31])) : sum_reg) + 32'(product_reg);
        raised_reg <= 33'(sum_reg) + $signed(33'(1) << (shifts[5*o+:5] - 5'd1));
        shifted_reg <= 32'(raised_reg >>> shifts[5*o+:5]);
        if (shifted_reg < LEAST) ranged_reg[16*o+:16] <= 16'(LEAST);
        else if (shifted_reg > 65535) ranged_reg[16*o+:16] <= 16'hffff;
        else ranged_reg[16*o+:16] <= shifted_reg[15:0];
      end
    end
  endgenerate

  function automatic logic trained(input logic [15:0] tau);
    trained = tau >= TAU_MIN_PS && tau <= TAU_MAX_PS;
  endfunction

  always_ff @(posedge clk) begin
    valid_reg <= rst_n ? {valid_reg[2:0], valid} : '0;
    first_reg <= {first_reg[2:0], first};
    last_reg <= {last_reg[2:0], last};
  end
  delay_line #(.WIDTH(1), .CYCLES(5)) done_delay (.clk(clk), .value(rst_n && valid && last), .delayed(done));
  assign outputs = photons_valid && trained(ranged_reg[15:0]) && trained(ranged_reg[31:16]) ? ranged_reg : '0;
endmodule

`default_nettype wire
