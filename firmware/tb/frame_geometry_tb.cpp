// frame_geometry: the products, once it says that they are valid.
#include "bench.h"

namespace {

void check_products(bench::Simulation& sim, uint32_t width, uint32_t height, uint32_t bins) {
  Dut& dut = *sim.dut;
  const uint64_t pixels = uint64_t{width} * height;
  dut.rst_n = 0;
  dut.image_width = width;
  dut.image_height = height;
  dut.detector_bins = bins;
  sim.run_edges(4);
  bench::check(!dut.geometry_valid, "valid in reset");
  dut.rst_n = 1;
  bench::check(sim.run_until([&] { return dut.geometry_valid; }, 20), "never valid");
  const bool countable = pixels < 1 << 24;
  bench::check(dut.pixels_countable == countable, "%ux%u pixels countable: %u", width, height, dut.pixels_countable);
  bench::check(dut.row_beats == width * (bins / 4), "row_beats %u for %ux%ux%u", dut.row_beats, width, height, bins);
  if (!countable) return;
  bench::check(dut.pixel_count == pixels && dut.quads_per_pixel == bins / 4, "%ux%ux%u", width, height, bins);
  const uint64_t beats = dut.frame_beats;
  bench::check(beats == pixels * (bins / 4), "frame_beats %llu for %ux%ux%u", static_cast<unsigned long long>(beats), width, height, bins);
}

}  // namespace

int main(int argc, char** argv) {
  bench::Simulation sim(bench::argument(argc, argv, 1, 1));
  sim.add_clock(&sim.dut->clk, 5000, [] {}, [] {});
  for (int size = 0; size < 50; size++) {
    const uint32_t width = 4 + 4 * static_cast<uint32_t>(sim.random.below(200));
    const uint32_t height = 1 + static_cast<uint32_t>(sim.random.below(1000));
    const uint32_t bins = 4 + 4 * static_cast<uint32_t>(sim.random.below(500));
    check_products(sim, width, height, bins);
  }
  // At and beyond the ends of 24 bits of pixels and of 32 bits of beats.
  check_products(sim, 4096, 4095, 4);
  check_products(sim, 4096, 4096, 4);
  check_products(sim, 8192, 2048, 4);
  check_products(sim, 65532, 65535, 4);
  check_products(sim, 4096, 4095, 1024);
  check_products(sim, 4096, 4095, 65532);
  return bench::finish();
}
