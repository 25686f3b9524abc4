// Temperature of the FPGA's die from its XADC, which measures it unasked (UG480, default mode).
// A board without a probe at the sensor reports this one as the nearest it has.
module die_temperature #(
    parameter int CLK_HZ = 200_000_000
) (
    input logic clk,
    input logic rst_n,
    output logic signed [31:0] temperature_milli_c
);
  localparam int READ_PERIOD = CLK_HZ / 1000;  // a reading each millisecond
  localparam int PERIOD_BITS = $clog2(READ_PERIOD);
  // UG480: °C = code · 503.975 / 65536 − 273.15, code being the 16-bit register.
  localparam logic [35:0] MILLI_C_FULL_SCALE = 36'd503_975;
  localparam logic signed [31:0] MILLI_C_ZERO = 32'sd273_150;

  logic [PERIOD_BITS-1:0] wait_reg;
  logic read_now, reading_valid;
  logic [15:0] reading;
  logic [35:0] scaled_reg;

  assign read_now = wait_reg == '0;

  always_ff @(posedge clk)
    if (!rst_n) wait_reg <= PERIOD_BITS'(READ_PERIOD - 1);
    else if (read_now) wait_reg <= PERIOD_BITS'(READ_PERIOD - 1);
    else wait_reg <= wait_reg - 1'b1;

  always_ff @(posedge clk)
    if (!rst_n) begin
      scaled_reg <= '0;
      temperature_milli_c <= '0;
    end else begin
      if (reading_valid) scaled_reg <= 36'(reading) * MILLI_C_FULL_SCALE;
      temperature_milli_c <= $signed(32'(scaled_reg[35:16])) - MILLI_C_ZERO;
    end

  // DCLK is the core clock, at most 250 MHz; ADCCLK must stay within 1..26 MHz: divided by 16 (INIT_42, bits 15:8).
  XADC #(
      .INIT_42(16'h1000)
  ) xadc (
      .DCLK(clk),
      .RESET(!rst_n),
      .DEN(read_now),
      .DWE(1'b0),
      .DADDR(7'h00),
      .DI(16'h0000),
      .DO(reading),
      .DRDY(reading_valid),
      .CONVST(1'b0),
      .CONVSTCLK(1'b0),
      .VP(1'b0),
      .VN(1'b0),
      .VAUXP(16'h0000),
      .VAUXN(16'h0000)
  );
endmodule
