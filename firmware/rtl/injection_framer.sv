// Gives injected words the ends that a USB link does not tell: every frame is preceded by a word with the number of
// 32-bit words that follow. They go on as 64-bit beats, the last of them with TLAST (and TKEEP 0F for an odd number).
module injection_framer (
    input  logic        clk,
    input  logic        rst_n,
    input  logic        s_word_valid,
    output logic        s_word_ready,
    input  logic [31:0] s_word_data,
    output logic        m_axis_tvalid,
    input  logic        m_axis_tready,
    output logic [63:0] m_axis_tdata,
    output logic [ 7:0] m_axis_tkeep,
    output logic        m_axis_tlast
);
  logic [31:0] words_left;  // 0: the next word is a length
  logic have_low;

  assign s_word_ready = !m_axis_tvalid || m_axis_tready;
  wire taken = s_word_valid && s_word_ready;
  wire last_word = words_left == 1;

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      words_left <= 0;
      have_low <= 0;
      m_axis_tvalid <= 0;
    end else begin
      if (m_axis_tready) m_axis_tvalid <= 0;
      if (taken && words_left == 0) begin
        words_left <= s_word_data;
      end else if (taken) begin
        words_left <= words_left - 1;
        have_low <= !have_low && !last_word;
        m_axis_tvalid <= have_low || last_word;
        m_axis_tlast <= last_word;
        m_axis_tkeep <= have_low ? 8'hff : 8'h0f;
        if (have_low) m_axis_tdata[63:32] <= s_word_data;
        else m_axis_tdata <= {32'd0, s_word_data};
      end
    end
  end
endmodule
