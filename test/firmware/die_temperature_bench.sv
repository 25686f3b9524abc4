// The XADC's temperature register as it changes from reading to reading, and what die_temperature makes of it.
module XADC #(
    parameter logic [15:0] INIT_42 = 16'h0800
) (
    input wire DCLK,
    input wire RESET,
    input wire DEN,
    input wire DWE,
    input wire [6:0] DADDR,
    input wire [15:0] DI,
    output logic [15:0] DO,
    output logic DRDY,
    input wire CONVST,
    input wire CONVSTCLK,
    input wire VP,
    input wire VN,
    input wire [15:0] VAUXP,
    input wire [15:0] VAUXN
);
  logic [2:0] busy_reg;
  logic [15:0] code_reg;
  assign DRDY = busy_reg[2];
  // Read while it is not ready, or another register, it says nonsense.
  assign DO   = DRDY && DADDR == 7'h00 ? code_reg : 16'hDEAD;
  always_ff @(posedge DCLK)
    if (RESET) begin
      busy_reg <= '0;
      code_reg <= 16'h7000;
    end else begin
      busy_reg <= {busy_reg[1:0], DEN && !DWE};
      if (DRDY) code_reg <= code_reg + 16'h1000;
    end
endmodule

module die_temperature_bench (
    input logic clk,
    input logic rst_n,
    output logic signed [31:0] temperature_milli_c
);
  // A reading each 16 clocks.
  die_temperature #(.CLK_HZ(16_000)) dut (.*);
endmodule
