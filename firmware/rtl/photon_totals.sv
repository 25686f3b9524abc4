// Watches a histogram stream and adds it up: the frame's photons and its brightest pixel.
module photon_totals (
    input  logic        clk,
    input  logic        rst_n,
    input  logic [13:0] quads_per_pixel,
    input  logic        beat,             // a beat is taken in this cycle
    input  logic [63:0] beat_data,
    input  logic        beat_last,        // of the frame
    output logic        totals_valid,     // pulse; both sums stand until the next one
    output logic [47:0] frame_photons,
    output logic [31:0] largest_pixel
);
  logic [13:0] quad;
  logic beat_valid, pixel_end, frame_end;
  logic [17:0] beat_sum;
  logic sum_valid, sum_frame_end;
  logic [31:0] pixel_sum, pixel_total;
  logic [47:0] running_photons;
  logic [31:0] running_largest;

  wire [31:0] pixel_now = pixel_sum + 32'(beat_sum);
  wire [47:0] photons_now = running_photons + 48'(pixel_total);
  wire [31:0] largest_now = pixel_total > running_largest ? pixel_total : running_largest;
  wire last_quad = quad + 1'b1 == quads_per_pixel;

  always_ff @(posedge clk) begin
    // The four bins of the beat.
    beat_valid <= beat;
    pixel_end <= last_quad || beat_last;
    frame_end <= beat_last;
    beat_sum <= 18'(beat_data[15:0]) + 18'(beat_data[31:16]) + 18'(beat_data[47:32]) + 18'(beat_data[63:48]);
    if (beat) quad <= last_quad || beat_last ? '0 : quad + 1'b1;

    // The pixel.
    sum_valid <= beat_valid && pixel_end;
    sum_frame_end <= frame_end;
    pixel_total <= pixel_now;
    if (beat_valid) pixel_sum <= pixel_end ? '0 : pixel_now;

    // The frame.
    totals_valid <= sum_valid && sum_frame_end;
    if (sum_valid) begin
      running_photons <= sum_frame_end ? '0 : photons_now;
      running_largest <= sum_frame_end ? '0 : largest_now;
      if (sum_frame_end) begin
        frame_photons <= photons_now;
        largest_pixel <= largest_now;
      end
    end

    if (!rst_n) begin
      quad <= 0;
      beat_valid <= 0;
      sum_valid <= 0;
      totals_valid <= 0;
      pixel_sum <= 0;
      running_photons <= 0;
      running_largest <= 0;
      frame_photons <= 0;
      largest_pixel <= 0;
    end
  end
endmodule
