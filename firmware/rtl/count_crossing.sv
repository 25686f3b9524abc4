// Pulses counted in from_clk and given out in to_clk as the increments of each cycle: none is lost,
// however fast they come, as long as fewer than 2^WIDTH fall between two cycles of to_clk.
module count_crossing #(
    parameter int WIDTH = 8
) (
    input  logic             from_clk,
    input  logic             from_rst_n,
    input  logic             from_pulse,
    input  logic             to_clk,
    input  logic             to_rst_n,
    output logic [WIDTH-1:0] to_increment  // add it in every cycle of to_clk
);
  function automatic logic [WIDTH-1:0] binary_of(input logic [WIDTH-1:0] gray);
    logic running;
    running = 0;
    for (int i = WIDTH - 1; i >= 0; i--) begin
      running = running ^ gray[i];
      binary_of[i] = running;
    end
  endfunction

  logic [WIDTH-1:0] count, gray_reg;
  (* ASYNC_REG = "TRUE" *) logic [WIDTH-1:0] gray_meta, gray_in_to;
  logic [WIDTH-1:0] seen;

  wire [WIDTH-1:0] next_count = count + WIDTH'(from_pulse);

  always_ff @(posedge from_clk) begin
    if (!from_rst_n) begin
      count <= 0;
      gray_reg <= 0;
    end else begin
      count <= next_count;
      gray_reg <= next_count ^ (next_count >> 1);
    end
  end

  wire [WIDTH-1:0] arrived = binary_of(gray_in_to);

  always_ff @(posedge to_clk) begin
    if (!to_rst_n) begin
      gray_meta <= 0;
      gray_in_to <= 0;
      seen <= 0;
      to_increment <= 0;
    end else begin
      gray_meta <= gray_reg;
      gray_in_to <= gray_meta;
      seen <= arrived;
      to_increment <= arrived - seen;
    end
  end
endmodule
