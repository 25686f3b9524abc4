// frame_geometry: the products, once it says that they are valid.
#include "bench.h"

int main(int argc, char** argv) {
  bench::Simulation sim(bench::argument(argc, argv, 1, 1));
  Dut& dut = *sim.dut;
  sim.add_clock(&dut.clk, 5000, [] {}, [] {});
  for (int size = 0; size < 50; size++) {
    const uint32_t width = 4 + 4 * static_cast<uint32_t>(sim.random.below(200));
    const uint32_t height = 1 + static_cast<uint32_t>(sim.random.below(1000));
    const uint32_t bins = 4 + 4 * static_cast<uint32_t>(sim.random.below(500));
    dut.rst_n = 0;
    dut.image_width = width;
    dut.image_height = height;
    dut.detector_bins = bins;
    sim.run_edges(4);
    bench::check(!dut.geometry_valid, "valid in reset");
    dut.rst_n = 1;
    bench::check(sim.run_until([&] { return dut.geometry_valid; }, 20), "never valid");
    bench::check(dut.pixel_count == width * height && dut.quads_per_pixel == bins / 4, "%ux%ux%u", width, height, bins);
    bench::check(dut.row_beats == width * bins / 4, "row_beats %u for %ux%ux%u", dut.row_beats, width, height, bins);
    bench::check(dut.frame_beats == width * height * (bins / 4), "frame_beats %u for %ux%ux%u", dut.frame_beats, width, height, bins);
  }
  return bench::finish();
}
