// CRC-32C of a payload made of planes whose words arrive interleaved, without reading the payload again.
// The CRC is linear: the state behind planes A and B is that behind A, sent on through as many zeros as B is long, XOR
// the state that B leaves when it is begun with 0. So every plane has a state of its own, and `seal` joins them:
// a cycle for every word behind the first plane.
`default_nettype none

module plane_crc #(
    parameter int ADDRESS_BITS = 9
) (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  clear,
    // A word of plane 0 to 4, in ascending order within its plane.
    input  wire  word_valid,
    input  wire  [2:0] word_plane,
    input  wire  [63:0] word_data,
    // With the last word of the payload, and not while `busy`. Words of the next payload may follow at once.
    input  wire  seal,
    input  wire  standard_errors,
    // Words of a plane of 2 bytes a pixel.
    input  wire  [ADDRESS_BITS-1:0] plane_words,
    output logic busy,
    output logic sealed,
    output logic [31:0] crc
);
  localparam logic [2:0] PHOTONS = 3'd2;

  logic [31:0] state_reg[5];
  logic [31:0] joined_reg[5];
  logic [31:0] word_state;
  logic [31:0] shifted_state;
  logic [2:0] plane_reg;
  logic [2:0] last_plane_reg;
  logic [ADDRESS_BITS:0] words_left_reg;
  logic [ADDRESS_BITS-1:0] plane_words_reg;
  logic joining_reg;

  crc32c of_word (.state(state_reg[word_plane]), .data(word_data), .four_bytes(1'b0), .next_state(word_state));
  crc32c of_zeros (.state(joined_reg[0]), .data(64'd0), .four_bytes(1'b0), .next_state(shifted_state));

  wire plane_over = words_left_reg == 1;
  wire [2:0] next_plane = plane_reg + 3'd1;
  wire [ADDRESS_BITS:0] next_plane_words = next_plane == PHOTONS ? {plane_words_reg, 1'b0} : {1'b0, plane_words_reg};

  always_ff @(posedge clk) begin
    if (!rst_n || clear || (word_valid && seal)) begin
      state_reg[0] <= 32'hffff_ffff;
      for (int plane = 1; plane < 5; plane++) state_reg[plane] <= 32'd0;
    end else if (word_valid) begin
      state_reg[word_plane] <= word_state;
    end
  end

  always_ff @(posedge clk) begin
    sealed <= 1'b0;
    if (!rst_n || clear) begin
      joining_reg <= 1'b0;
    end else if (word_valid && seal) begin
      for (int plane = 0; plane < 5; plane++) begin
        joined_reg[plane] <= word_plane == 3'(plane) ? word_state : state_reg[plane];
      end
      plane_reg <= 3'd1;
      last_plane_reg <= standard_errors ? 3'd4 : PHOTONS;
      plane_words_reg <= plane_words;
      words_left_reg <= {1'b0, plane_words};
      joining_reg <= 1'b1;
    end else if (joining_reg) begin
      joined_reg[0] <= plane_over ? shifted_state ^ joined_reg[plane_reg] : shifted_state;
      words_left_reg <= plane_over ? next_plane_words : words_left_reg - 1'b1;
      if (plane_over) plane_reg <= next_plane;
      if (plane_over && plane_reg == last_plane_reg) begin
        joining_reg <= 1'b0;
        sealed <= 1'b1;
      end
    end
  end

  assign busy = joining_reg;
  assign crc = ~joined_reg[0];
endmodule

`default_nettype wire
