// 64-bit beats to 32-bit words, low half first; a beat with TKEEP 0F is one word. A word a cycle.
module word_splitter (
    input  logic        clk,
    input  logic        rst_n,
    input  logic        s_axis_tvalid,
    output logic        s_axis_tready,
    input  logic [63:0] s_axis_tdata,
    input  logic [ 7:0] s_axis_tkeep,
    input  logic        s_axis_tlast,
    output logic        m_word_valid,
    input  logic        m_word_ready,
    output logic [31:0] m_word_data,
    output logic        m_word_last    // of the packet
);
  logic [31:0] high_half;
  logic high_left, beat_last;

  assign m_word_last = beat_last && !high_left;
  assign s_axis_tready = !m_word_valid || (m_word_ready && !high_left);

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      m_word_valid <= 0;
      high_left <= 0;
    end else if (s_axis_tready) begin
      m_word_valid <= s_axis_tvalid;
      m_word_data <= s_axis_tdata[31:0];
      high_half <= s_axis_tdata[63:32];
      high_left <= s_axis_tvalid && s_axis_tkeep[4];
      beat_last <= s_axis_tlast;
    end else if (m_word_ready) begin
      m_word_data <= high_half;
      high_left <= 0;
    end
  end
endmodule
