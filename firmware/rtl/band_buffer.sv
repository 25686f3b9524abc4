// Collects the histograms of `band_rows` rows as the payload of a packet, its CRC on the way. The last band of a frame
// may have fewer rows. The words of the stream are those of the payload, in order.
`default_nettype none

module band_buffer #(
    parameter int PAYLOAD_BITS = 12
) (
    input  wire  clk,
    input  wire  rst_n,
    // What is here is forgotten and what comes is swallowed.
    input  wire  discard,
    // Constant during a series.
    input  wire  [15:0] height,
    input  wire  [15:0] band_rows,
    input  wire  [PAYLOAD_BITS-3:0] band_beats,
    input  wire  s_axis_tvalid,
    output logic s_axis_tready,
    input  wire  [63:0] s_axis_tdata,
    input  wire  s_axis_tlast,
    output logic ready,
    output logic [PAYLOAD_BITS-3:0] words,
    output logic [15:0] first_row,
    output logic [15:0] rows,
    output logic last,
    output logic [31:0] crc,
    output logic m_axis_tvalid,
    input  wire  m_axis_tready,
    output logic [63:0] m_axis_tdata,
    output logic m_axis_tlast
);
  localparam int ADDRESS_BITS = PAYLOAD_BITS - 3;

  logic [ADDRESS_BITS:0] beats_reg;
  logic [15:0] fill_row_reg;
  logic [31:0] crc_reg;
  logic [31:0] next_crc;
  logic bank_free;

  assign s_axis_tready = bank_free || discard;
  wire beat = s_axis_tvalid && s_axis_tready;
  wire [ADDRESS_BITS:0] beats = beats_reg + 1'b1;
  wire band_whole = beat && !discard && (beats == band_beats || s_axis_tlast);

  crc32c checksum (.state(crc_reg), .data(s_axis_tdata), .four_bytes(1'b0), .next_state(next_crc));

  always_ff @(posedge clk) begin
    if (!rst_n || discard || band_whole) begin
      beats_reg <= '0;
      crc_reg <= 32'hffff_ffff;
    end else if (beat) begin
      beats_reg <= beats;
      crc_reg <= next_crc;
    end
    if (!rst_n || discard || (band_whole && s_axis_tlast)) fill_row_reg <= '0;
    else if (band_whole) fill_row_reg <= fill_row_reg + band_rows;
  end

  payload_banks #(.ADDRESS_BITS(ADDRESS_BITS)) banks (
      .clk, .rst_n, .discard, .bank_free,
      .write_valid(beat),
      .write_address(beats_reg[ADDRESS_BITS-1:0]),
      .write_data(s_axis_tdata),
      .fill_done(band_whole),
      .commit(band_whole),
      .commit_words(beats),
      .commit_first_row(fill_row_reg),
      .commit_rows(s_axis_tlast ? height - fill_row_reg : band_rows),
      .commit_last(s_axis_tlast),
      .commit_crc(~next_crc),
      .ready, .words, .first_row, .rows, .last, .crc,
      .m_axis_tvalid, .m_axis_tready, .m_axis_tdata, .m_axis_tlast
  );
endmodule

`default_nettype wire
