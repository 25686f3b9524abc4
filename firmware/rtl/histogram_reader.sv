// Reads a closed half as a stream, word by word, and clears each word behind it. With `discard` it only clears.
// While the consumer stalls, the memory's own registers hold: nothing is buffered here, nothing can overflow.
module histogram_reader #(
    parameter int WORD_BITS = 12
) (
    input  logic                 clk,
    input  logic                 rst_n,
    input  logic [  WORD_BITS:0] frame_words,
    input  logic                 start,          // pulse, when not busy
    input  logic                 discard,        // with start
    output logic                 busy,
    output logic                 done,           // pulse: the last word has gone, all words are 0
    output logic                 read_enable,    // of a memory that answers two enabled cycles later
    output logic [WORD_BITS-1:0] read_address,
    input  logic [         63:0] read_data,
    output logic                 clear_enable,
    output logic [WORD_BITS-1:0] clear_address,

    output logic        m_axis_histograms_tvalid,
    input  logic        m_axis_histograms_tready,
    output logic [63:0] m_axis_histograms_tdata,
    output logic        m_axis_histograms_tlast
);
  logic [WORD_BITS:0] next_word;
  logic discarding;
  logic array_valid, array_last, output_valid, output_last;

  wire advance = !output_valid || discarding || m_axis_histograms_tready;
  wire issue = busy && next_word != frame_words;

  assign read_enable = advance;
  assign read_address = next_word[WORD_BITS-1:0];
  assign done = output_valid && output_last && advance;

  assign m_axis_histograms_tvalid = output_valid && !discarding;
  assign m_axis_histograms_tdata = read_data;
  assign m_axis_histograms_tlast = output_last;

  always_ff @(posedge clk) begin
    clear_enable  <= rst_n && issue && advance;
    clear_address <= next_word[WORD_BITS-1:0];
    if (!rst_n) begin
      busy <= 0;
      discarding <= 0;
      next_word <= 0;
      array_valid <= 0;
      array_last <= 0;
      output_valid <= 0;
      output_last <= 0;
    end else begin
      if (advance) begin
        array_valid <= issue;
        array_last <= next_word + 1'b1 == frame_words;
        output_valid <= array_valid;
        output_last <= array_last;
        if (issue) next_word <= next_word + 1'b1;
      end
      if (done) begin
        busy <= 0;
      end else if (start && !busy) begin
        busy <= 1;
        discarding <= discard;
        next_word <= 0;
      end
    end
  end
endmodule
