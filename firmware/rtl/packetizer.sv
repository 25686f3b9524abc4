// Packets of docs/protocol.md, byte for byte: 48 bytes of header and the payload as 64-bit words, TLAST at the end of
// each packet, TKEEP 0x0F where the last word is half. Rows leave as soon as a bank of them is ready, each type in
// ascending order: to keep the two types in step could lock up behind a core that needs the next band for its block.
`include "flimd_protocol.svh"
`default_nettype none

module packetizer #(
    parameter int PAYLOAD_BITS = 12
) (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  clear,
    input  wire  [63:0] ticks,
    input  wire  [31:0] series,
    input  wire  standard_errors,
    // The frame that begins; later packets bear its number.
    input  wire  frame_begin,
    input  wire  [31:0] frame_number,
    input  wire  [63:0] frame_start_ticks,
    input  wire  [63:0] frame_end_ticks,
    input  wire  rows_enabled,
    input  wire  histograms_ready,
    input  wire  [PAYLOAD_BITS-3:0] histograms_words,
    input  wire  [15:0] histograms_first_row,
    input  wire  [15:0] histograms_rows,
    input  wire  histograms_last,
    input  wire  [31:0] histograms_crc,
    input  wire  s_axis_histograms_tvalid,
    output logic s_axis_histograms_tready,
    input  wire  [63:0] s_axis_histograms_tdata,
    input  wire  s_axis_histograms_tlast,
    output logic histograms_sent,
    input  wire  lifetimes_ready,
    input  wire  [PAYLOAD_BITS-3:0] lifetimes_words,
    input  wire  [15:0] lifetimes_first_row,
    input  wire  [15:0] lifetimes_rows,
    input  wire  lifetimes_last,
    input  wire  [31:0] lifetimes_crc,
    input  wire  s_axis_lifetimes_tvalid,
    output logic s_axis_lifetimes_tready,
    input  wire  [63:0] s_axis_lifetimes_tdata,
    input  wire  s_axis_lifetimes_tlast,
    output logic lifetimes_sent,
    // Small packets; a request stays until `done`.
    input  wire  frame_end_request,
    output logic frame_end_done,
    input  wire  telemetry_request,
    output logic telemetry_done,
    input  wire  [159:0] telemetry_words,
    input  wire  series_end_request,
    output logic series_end_done,
    input  wire  [31:0] frames_sent,
    input  wire  [31:0] frames_dropped,
    output logic busy,
    output logic [31:0] packets_sent,
    output logic m_axis_tvalid,
    input  wire  m_axis_tready,
    output logic [63:0] m_axis_tdata,
    output logic [7:0] m_axis_tkeep,
    output logic m_axis_tlast
);
  typedef enum logic [1:0] {CHOOSE, CHECKSUM, HEADER, PAYLOAD} state_t;
  state_t state_reg;

  // Fields of the packet under way.
  logic [7:0] type_reg;
  logic [15:0] first_row_reg, rows_reg;
  logic [31:0] payload_bytes_reg, payload_crc_reg;
  logic [63:0] made_ticks_reg;
  logic last_rows_reg;
  // Of a small packet: its payload.
  logic [191:0] small_reg;
  logic [1:0] small_words_reg, word_reg;
  logic half_word_reg;
  logic [2:0] header_word_reg;
  // The frame that packets bear, and its packets so far.
  logic [31:0] frame_reg, frame_packets_reg;
  logic [63:0] start_ticks_reg, end_ticks_reg;

  wire of_histograms = type_reg == `FLIMD_PACKET_HISTOGRAMS;
  wire of_lifetimes = type_reg == `FLIMD_PACKET_LIFETIMES;
  wire of_rows = of_histograms || of_lifetimes;

  wire advance = !m_axis_tvalid || m_axis_tready;
  wire rows_valid = of_histograms ? s_axis_histograms_tvalid : s_axis_lifetimes_tvalid;
  wire rows_last = of_histograms ? s_axis_histograms_tlast : s_axis_lifetimes_tlast;
  wire [63:0] rows_data = of_histograms ? s_axis_histograms_tdata : s_axis_lifetimes_tdata;
  wire payload_taken = state_reg == PAYLOAD && advance && (!of_rows || rows_valid);
  wire last_small_word = word_reg + 1'b1 == small_words_reg;
  wire payload_last = of_rows ? rows_last : last_small_word;
  wire packet_over = payload_taken && payload_last;

  assign s_axis_histograms_tready = payload_taken && of_histograms;
  assign s_axis_lifetimes_tready = payload_taken && of_lifetimes;
  assign histograms_sent = packet_over && of_histograms && last_rows_reg;
  assign lifetimes_sent = packet_over && of_lifetimes && last_rows_reg;
  assign frame_end_done = packet_over && type_reg == `FLIMD_PACKET_END_OF_FRAME;
  assign telemetry_done = packet_over && type_reg == `FLIMD_PACKET_TELEMETRY;
  assign series_end_done = packet_over && type_reg == `FLIMD_PACKET_END_OF_SERIES;
  assign busy = state_reg != CHOOSE;

  // The header, and its CRC over the words that leave.
  logic [63:0] header_word;
  logic [31:0] header_crc_reg, header_state;
  wire [15:0] planes = !of_lifetimes ? 16'd0 :
      standard_errors ? `FLIMD_PLANES | `FLIMD_STANDARD_ERROR_PLANES : `FLIMD_PLANES;
  always_comb begin
    case (header_word_reg)
      3'd0: header_word = {planes, type_reg, `FLIMD_PACKET_VERSION, `FLIMD_PACKET_MAGIC};
      3'd1: header_word = {frame_reg, series};
      3'd2: header_word = {rows_reg, first_row_reg, packets_sent};
      3'd3: header_word = {32'd0, payload_bytes_reg};
      3'd4: header_word = made_ticks_reg;
      default: header_word = {32'd0, payload_crc_reg};
    endcase
  end
  wire last_header_word = header_word_reg == 3'd5;
  wire [63:0] sealed_header_word = {last_header_word ? ~header_state : header_word[63:32], header_word[31:0]};
  crc32c of_header (
      .state(header_crc_reg), .data(header_word), .four_bytes(last_header_word), .next_state(header_state)
  );

  // The CRC of a small payload, a word a cycle before its header.
  logic [31:0] small_state;
  wire [63:0] small_word = word_reg == 0 ? small_reg[63:0] : word_reg == 1 ? small_reg[127:64] : small_reg[191:128];
  crc32c of_small (
      .state(payload_crc_reg), .data(small_word), .four_bytes(last_small_word && half_word_reg),
      .next_state(small_state)
  );

  wire choose_frame_end = frame_end_request;
  wire choose_histograms = !choose_frame_end && rows_enabled && histograms_ready;
  wire choose_lifetimes = !choose_frame_end && rows_enabled && !histograms_ready && lifetimes_ready;
  wire choose_telemetry = !choose_frame_end && !choose_histograms && !choose_lifetimes && telemetry_request;
  wire choose_series_end = !choose_frame_end && !choose_histograms && !choose_lifetimes && !choose_telemetry &&
      series_end_request;
  wire chosen = choose_frame_end || choose_histograms || choose_lifetimes || choose_telemetry || choose_series_end;

  always_ff @(posedge clk) begin
    if (state_reg == CHOOSE) begin
      made_ticks_reg <= ticks;
      {first_row_reg, rows_reg} <= '0;
      header_word_reg <= '0;
      word_reg <= '0;
      header_crc_reg <= 32'hffff_ffff;
      payload_crc_reg <= 32'hffff_ffff;
      if (choose_frame_end) begin
        type_reg <= `FLIMD_PACKET_END_OF_FRAME;
        small_reg <= {frames_dropped, frame_packets_reg + 32'd1, end_ticks_reg, start_ticks_reg};
        {small_words_reg, half_word_reg, payload_bytes_reg} <= {2'd3, 1'b0, 32'd24};
      end else if (choose_histograms) begin
        type_reg <= `FLIMD_PACKET_HISTOGRAMS;
        {first_row_reg, rows_reg, last_rows_reg} <= {histograms_first_row, histograms_rows, histograms_last};
        {payload_bytes_reg, payload_crc_reg} <= {32'(histograms_words) << 3, histograms_crc};
      end else if (choose_lifetimes) begin
        type_reg <= `FLIMD_PACKET_LIFETIMES;
        {first_row_reg, rows_reg, last_rows_reg} <= {lifetimes_first_row, lifetimes_rows, lifetimes_last};
        {payload_bytes_reg, payload_crc_reg} <= {32'(lifetimes_words) << 3, lifetimes_crc};
      end else if (choose_telemetry) begin
        type_reg <= `FLIMD_PACKET_TELEMETRY;
        small_reg <= {32'd0, telemetry_words};
        {small_words_reg, half_word_reg, payload_bytes_reg} <= {2'd3, 1'b1, 32'(4 * `FLIMD_TELEMETRY_WORDS)};
      end else begin
        type_reg <= `FLIMD_PACKET_END_OF_SERIES;
        small_reg <= {96'd0, frames_dropped, frames_sent, packets_sent + 32'd1};
        {small_words_reg, half_word_reg, payload_bytes_reg} <= {2'd2, 1'b1, 32'd12};
      end
    end else if (state_reg == CHECKSUM) begin
      payload_crc_reg <= last_small_word ? ~small_state : small_state;
      word_reg <= last_small_word ? 2'd0 : word_reg + 1'b1;
    end else if (state_reg == HEADER && advance) begin
      header_word_reg <= header_word_reg + 1'b1;
      header_crc_reg <= header_state;
    end else if (payload_taken) begin
      word_reg <= word_reg + 1'b1;
    end
  end

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      state_reg <= CHOOSE;
    end else begin
      case (state_reg)
        CHOOSE: if (chosen) state_reg <= choose_histograms || choose_lifetimes ? HEADER : CHECKSUM;
        CHECKSUM: if (last_small_word) state_reg <= HEADER;
        HEADER: if (advance && last_header_word) state_reg <= PAYLOAD;
        default: if (packet_over) state_reg <= CHOOSE;
      endcase
    end
    if (!rst_n || clear) packets_sent <= '0;
    else if (packet_over) packets_sent <= packets_sent + 1'b1;
    if (!rst_n || clear) frame_reg <= '0;
    else if (frame_begin) frame_reg <= frame_number;
    if (frame_begin) begin
      frame_packets_reg <= '0;
      {start_ticks_reg, end_ticks_reg} <= {frame_start_ticks, frame_end_ticks};
    end else if (packet_over) begin
      frame_packets_reg <= frame_packets_reg + 1'b1;
    end
  end

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      m_axis_tvalid <= 1'b0;
    end else if (advance) begin
      m_axis_tvalid <= state_reg == HEADER || payload_taken;
    end
    if (advance) begin
      m_axis_tdata <= state_reg == HEADER ? sealed_header_word : of_rows ? rows_data : small_word;
      m_axis_tlast <= packet_over;
      m_axis_tkeep <= packet_over && !of_rows && half_word_reg ? 8'h0f : 8'hff;
    end
  end
endmodule

`default_nettype wire
