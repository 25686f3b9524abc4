// The products of the image's size that the data path needs, from straps that do not change after reset.
module frame_geometry (
    input  logic        clk,
    input  logic        rst_n,
    input  logic [31:0] image_width,
    input  logic [31:0] image_height,
    input  logic [31:0] detector_bins,
    output logic [23:0] pixel_count,
    output logic [13:0] quads_per_pixel,  // 64-bit words a pixel
    output logic [31:0] row_beats,
    output logic [37:0] frame_beats,
    output logic        pixels_countable,  // pixel_count is the whole product
    output logic        geometry_valid
);
  logic [3:0] settled;
  logic [7:0] image_excess;

  assign geometry_valid = settled[3];
  assign pixels_countable = image_excess == 0;

  always_ff @(posedge clk) begin
    quads_per_pixel <= detector_bins[15:2];
    {image_excess, pixel_count} <= 32'(image_width[15:0]) * 32'(image_height[15:0]);
    row_beats <= 32'(image_width[15:0]) * 32'(quads_per_pixel);
    frame_beats <= 38'(pixel_count) * 38'(quads_per_pixel);
    settled <= rst_n ? {settled[2:0], 1'b1} : 4'b0;
  end
endmodule
