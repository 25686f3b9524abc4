`include "flimd_protocol.svh"

// One step of CRC-32C (RFC 3720, appendix B.4) over eight or four bytes: a XOR network, no table, no clock.
// The state is the raw register: begin with FFFFFFFF; the CRC is the complement of the state.
module crc32c (
    input  logic [31:0] state,
    input  logic [63:0] data,        // first byte in bits 7:0
    input  logic        four_bytes,  // only data[31:0] counts
    output logic [31:0] next_state
);
  function automatic logic [31:0] after_word(input logic [31:0] so_far, input logic [31:0] word);
    logic [31:0] crc;
    crc = so_far ^ word;
    for (int i = 0; i < 32; i++) crc = crc[0] ? (crc >> 1) ^ `FLIMD_CRC32C_POLYNOMIAL : crc >> 1;
    after_word = crc;
  endfunction

  wire [31:0] half_way = after_word(state, data[31:0]);
  assign next_state = four_bytes ? half_way : after_word(half_way, data[63:32]);
endmodule
