// Whether this bitstream can be the camera that its straps describe (docs/firmware.md, limits). Constant after reset.
`default_nettype none

module geometry_check #(
    parameter int WORD_BITS = 12,
    parameter int PAYLOAD_BITS = 12
) (
    input  wire  clk,
    input  wire  [31:0] width,
    input  wire  [31:0] height,
    input  wire  [31:0] bin_count,
    input  wire  [31:0] row_beats,
    input  wire  [37:0] frame_beats,
    // Pixels are numbered by 24 bits throughout the device.
    input  wire  pixels_countable,
    output logic fits
);
  // A lifetimes row with standard errors takes 12 bytes a pixel, and a packet holds at least one row.
  wire [39:0] lifetime_row_bytes = {5'd0, width, 3'd0} + {6'd0, width, 2'd0};

  always_ff @(posedge clk) begin
    fits <= width[1:0] == 0 && bin_count[1:0] == 0 && width != 0 && bin_count != 0 && height != 0 &&
        width < (1 << 16) && height < (1 << 16) && bin_count < (1 << 16) && pixels_countable &&
        64'(frame_beats) <= (64'd1 << WORD_BITS) &&
        64'({row_beats, 3'd0}) <= (64'd1 << PAYLOAD_BITS) &&
        64'(lifetime_row_bytes) <= (64'd1 << PAYLOAD_BITS);
  end
endmodule

`default_nettype wire
