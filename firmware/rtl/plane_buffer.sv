// Collects the core's results of `band_rows` rows as planes in wire order: tau_amp, tau_int, photons and, if asked for,
// the two standard errors. Four pixels (8 beats) are gathered and written as 4 or 6 words: 14 cycles for 4 pixels at
// most, which is faster than any core of the budget gives them.
`default_nettype none

module plane_buffer #(
    parameter int PAYLOAD_BITS = 12
) (
    input  wire  clk,
    input  wire  rst_n,
    // What is here is forgotten and what comes is swallowed.
    input  wire  discard,
    // Constant during a series. A quad is four pixels: one word of a plane of 2 bytes a pixel.
    input  wire  [15:0] height,
    input  wire  [15:0] band_rows,
    input  wire  [PAYLOAD_BITS-4:0] band_quads,
    input  wire  [21:0] frame_quads,
    input  wire  standard_errors,
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

  logic [63:0] amplitude_reg, intensity_reg, error_amplitude_reg, error_intensity_reg;
  logic [127:0] photons_reg;
  logic [2:0] beat_reg;
  logic writing_reg, last_reg;
  logic [2:0] word_reg;
  logic [ADDRESS_BITS-1:0] quad_reg;
  logic [21:0] quads_left_reg;
  logic [15:0] fill_row_reg;

  // The last band of a frame may be a short one.
  wire last_band = quads_left_reg <= 22'(band_quads);
  wire [ADDRESS_BITS-1:0] quads = last_band ? ADDRESS_BITS'(quads_left_reg) : band_quads;

  logic bank_free, joining;
  // A short last band may be full before the CRC of the band before is joined: its last quad waits for that.
  wire last_quad = quad_reg + 1'b1 == quads;
  assign s_axis_tready = discard || (!writing_reg && bank_free && !(joining && last_quad));
  wire beat = s_axis_tvalid && s_axis_tready && !discard;

  wire last_word = word_reg == (standard_errors ? 3'd5 : 3'd3);
  wire quad_written = writing_reg && last_word;
  wire band_whole = quad_written && last_quad;

  always_ff @(posedge clk) begin
    if (beat && !beat_reg[0]) begin
      amplitude_reg <= {s_axis_tdata[15:0], amplitude_reg[63:16]};
      intensity_reg <= {s_axis_tdata[31:16], intensity_reg[63:16]};
      photons_reg <= {s_axis_tdata[63:32], photons_reg[127:32]};
    end
    if (beat && beat_reg[0]) begin
      error_amplitude_reg <= {s_axis_tdata[15:0], error_amplitude_reg[63:16]};
      error_intensity_reg <= {s_axis_tdata[31:16], error_intensity_reg[63:16]};
    end
    if (!rst_n || discard) begin
      beat_reg <= '0;
      writing_reg <= 1'b0;
    end else begin
      if (beat) beat_reg <= beat_reg + 1'b1;
      if (beat && beat_reg == 3'd7) writing_reg <= 1'b1;
      else if (last_word) writing_reg <= 1'b0;
    end
    if (beat) last_reg <= s_axis_tlast;
    word_reg <= writing_reg && !last_word ? word_reg + 1'b1 : 3'd0;
  end

  wire frame_whole = band_whole && last_reg;

  always_ff @(posedge clk) begin
    if (!rst_n || discard || band_whole) quad_reg <= '0;
    else if (quad_written) quad_reg <= quad_reg + 1'b1;
    if (!rst_n || discard || frame_whole) begin
      fill_row_reg <= '0;
      quads_left_reg <= frame_quads;
    end else begin
      // Before a frame begins: the straps may only just have been multiplied.
      if (fill_row_reg == 0 && quad_reg == 0 && beat_reg == 0 && !writing_reg) quads_left_reg <= frame_quads;
      if (band_whole) begin
        fill_row_reg <= fill_row_reg + band_rows;
        quads_left_reg <= quads_left_reg - 22'(band_quads);
      end
    end
  end

  logic [63:0] word;
  logic [2:0] plane;
  logic [ADDRESS_BITS-1:0] address;
  always_comb begin
    case (word_reg)
      3'd0: {plane, word, address} = {3'd0, amplitude_reg, quad_reg};
      3'd1: {plane, word, address} = {3'd1, intensity_reg, quads + quad_reg};
      3'd2: {plane, word, address} = {3'd2, photons_reg[63:0], ADDRESS_BITS'({quads + quad_reg, 1'b0})};
      3'd3: {plane, word, address} = {3'd2, photons_reg[127:64], ADDRESS_BITS'({quads + quad_reg, 1'b1})};
      3'd4: {plane, word, address} = {3'd3, error_amplitude_reg, ADDRESS_BITS'({quads, 2'b00}) + quad_reg};
      default:
        {plane, word, address} = {3'd4, error_intensity_reg, ADDRESS_BITS'({quads, 2'b00}) + quads + quad_reg};
    endcase
  end

  // The description of the band whose CRC is being joined.
  logic [ADDRESS_BITS:0] sealing_words_reg;
  logic [15:0] sealing_row_reg, sealing_rows_reg;
  logic sealing_last_reg;
  logic sealed;
  logic [31:0] sealed_crc;
  always_ff @(posedge clk) begin
    if (band_whole) begin
      sealing_words_reg <= (ADDRESS_BITS + 1)'({quads, 2'b00}) + (standard_errors ? {quads, 1'b0} : '0);
      sealing_row_reg <= fill_row_reg;
      sealing_rows_reg <= last_band ? height - fill_row_reg : band_rows;
      sealing_last_reg <= last_band;
    end
  end

  plane_crc #(.ADDRESS_BITS(ADDRESS_BITS)) checksum (
      .clk, .rst_n,
      .clear(discard),
      .word_valid(writing_reg),
      .word_plane(plane),
      .word_data(word),
      .seal(band_whole),
      .standard_errors,
      .plane_words(quads),
      .busy(joining),
      .sealed,
      .crc(sealed_crc)
  );

  payload_banks #(.ADDRESS_BITS(ADDRESS_BITS)) banks (
      .clk, .rst_n, .discard, .bank_free,
      .write_valid(writing_reg),
      .write_address(address),
      .write_data(word),
      .fill_done(band_whole),
      .commit(sealed),
      .commit_words(sealing_words_reg),
      .commit_first_row(sealing_row_reg),
      .commit_rows(sealing_rows_reg),
      .commit_last(sealing_last_reg),
      .commit_crc(sealed_crc),
      .ready, .words, .first_row, .rows, .last, .crc,
      .m_axis_tvalid, .m_axis_tready, .m_axis_tdata, .m_axis_tlast
  );
endmodule

`default_nettype wire
