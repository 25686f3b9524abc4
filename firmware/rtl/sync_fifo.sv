// First-word-fall-through FIFO of one clock: 2^DEPTH_BITS words, of which one stands in the output register.
// The memory is read into a register, so that synthesis may take block RAM for it.
module sync_fifo #(
    parameter int WIDTH = 64,
    parameter int DEPTH_BITS = 4
) (
    input  logic                clk,
    input  logic                rst_n,
    input  logic                s_valid,
    output logic                s_ready,
    input  logic [WIDTH-1:0]    s_data,
    output logic                m_valid,
    input  logic                m_ready,
    output logic [WIDTH-1:0]    m_data,
    output logic [DEPTH_BITS:0] level    // words held, the output register's included
);
  localparam logic [DEPTH_BITS:0] kDepth = 1 << DEPTH_BITS;

  logic [WIDTH-1:0] memory[0:(1<<DEPTH_BITS)-1];
  logic [DEPTH_BITS-1:0] write_address, read_address;
  logic [DEPTH_BITS:0] stored;  // words in the memory alone

  assign level = stored + (DEPTH_BITS + 1)'(m_valid);
  assign s_ready = level < kDepth;

  wire push = s_valid && s_ready;
  wire fetch = stored != 0 && (!m_valid || m_ready);

  always_ff @(posedge clk) begin
    if (push) memory[write_address] <= s_data;
    if (fetch) m_data <= memory[read_address];
  end

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      write_address <= 0;
      read_address <= 0;
      stored <= 0;
      m_valid <= 0;
    end else begin
      if (push) write_address <= write_address + 1'b1;
      if (fetch) read_address <= read_address + 1'b1;
      stored <= stored + (DEPTH_BITS + 1)'(push) - (DEPTH_BITS + 1)'(fetch);
      if (fetch) m_valid <= 1;
      else if (m_ready) m_valid <= 0;
    end
  end
endmodule
