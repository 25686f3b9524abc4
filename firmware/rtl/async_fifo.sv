// First-word-fall-through FIFO between two clocks, Gray-coded pointers (C. E. Cummings, SNUG 2002, "style 1").
// Both resets must be asserted at the same time; which is released first does not matter.
module async_fifo #(
    parameter int WIDTH = 64,
    parameter int DEPTH_BITS = 4
) (
    input  logic                wr_clk,
    input  logic                wr_rst_n,
    input  logic                wr_valid,
    output logic                wr_ready,
    input  logic [WIDTH-1:0]    wr_data,
    output logic [DEPTH_BITS:0] wr_level,  // fill as the write side sees it: never less than the truth

    input  logic             rd_clk,
    input  logic             rd_rst_n,
    output logic             rd_valid,
    input  logic             rd_ready,
    output logic [WIDTH-1:0] rd_data
);
  localparam int kPointerBits = DEPTH_BITS + 1;
  localparam logic [DEPTH_BITS:0] kDepth = 1 << DEPTH_BITS;

  function automatic logic [kPointerBits-1:0] binary_of(input logic [kPointerBits-1:0] gray);
    logic running;
    running = 0;
    for (int i = kPointerBits - 1; i >= 0; i--) begin
      running = running ^ gray[i];
      binary_of[i] = running;
    end
  endfunction

  logic [WIDTH-1:0] memory[0:(1<<DEPTH_BITS)-1];

  logic [kPointerBits-1:0] write_pointer, write_gray_reg;
  logic [kPointerBits-1:0] read_pointer, read_gray_reg;
  (* ASYNC_REG = "TRUE" *) logic [kPointerBits-1:0] read_gray_meta, read_gray_in_wr;
  (* ASYNC_REG = "TRUE" *) logic [kPointerBits-1:0] write_gray_meta, write_gray_in_rd;

  // Write side
  assign wr_level = write_pointer - binary_of(read_gray_in_wr);
  assign wr_ready = wr_level != kDepth;
  wire push = wr_valid && wr_ready;
  wire [kPointerBits-1:0] next_write = write_pointer + kPointerBits'(push);

  always_ff @(posedge wr_clk) begin
    if (push) memory[write_pointer[DEPTH_BITS-1:0]] <= wr_data;
    if (!wr_rst_n) begin
      write_pointer <= 0;
      write_gray_reg <= 0;
      read_gray_meta <= 0;
      read_gray_in_wr <= 0;
    end else begin
      write_pointer <= next_write;
      write_gray_reg <= next_write ^ (next_write >> 1);
      read_gray_meta <= read_gray_reg;
      read_gray_in_wr <= read_gray_meta;
    end
  end

  // Read side
  wire fetch = write_gray_in_rd != read_gray_reg && (!rd_valid || rd_ready);
  wire [kPointerBits-1:0] next_read = read_pointer + kPointerBits'(fetch);

  always_ff @(posedge rd_clk) begin
    if (fetch) rd_data <= memory[read_pointer[DEPTH_BITS-1:0]];
    if (!rd_rst_n) begin
      read_pointer <= 0;
      read_gray_reg <= 0;
      write_gray_meta <= 0;
      write_gray_in_rd <= 0;
      rd_valid <= 0;
    end else begin
      read_pointer <= next_read;
      read_gray_reg <= next_read ^ (next_read >> 1);
      write_gray_meta <= write_gray_reg;
      write_gray_in_rd <= write_gray_meta;
      if (fetch) rd_valid <= 1;
      else if (rd_ready) rd_valid <= 0;
    end
  end
endmodule
