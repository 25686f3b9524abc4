// photon_totals: a frame's photons and its brightest pixel for random counts, pixels of any size, gaps between beats.
#include "bench.h"

int main(int argc, char** argv) {
  bench::Simulation sim(bench::argument(argc, argv, 1, 1));
  Dut& dut = *sim.dut;
  struct Totals {
    uint64_t photons;
    uint32_t largest;
  };
  std::deque<Totals> expected;
  uint64_t frames = 0, photons = 0;
  uint32_t quads = 1, pixels = 1, quad = 0, pixel = 0, sum = 0, largest = 0;
  unsigned beat_percent = 100;

  auto before = [&] {
    if (!dut.rst_n || !dut.totals_valid) return;
    bench::check(!expected.empty() && dut.frame_photons == expected.front().photons, "photons %lu", uint64_t(dut.frame_photons));
    bench::check(!expected.empty() && dut.largest_pixel == expected.front().largest, "largest pixel %u", dut.largest_pixel);
    if (!expected.empty()) expected.pop_front();
    frames++;
  };
  auto after = [&] {
    dut.beat = dut.rst_n && sim.random.percent(beat_percent);
    dut.beat_data = sim.random.percent(10) ? ~0ull : sim.random.next();
    dut.beat_last = dut.beat ? quad + 1 == quads && pixel + 1 == pixels : sim.random.percent(50);
    if (!dut.beat) return;
    for (int lane = 0; lane < 4; lane++) sum += dut.beat_data >> (16 * lane) & 0xffff;
    if (++quad < quads) return;
    photons += sum;
    largest = std::max(largest, sum);
    quad = sum = 0;
    if (++pixel < pixels) return;
    expected.push_back({photons, largest});
    pixel = largest = 0;
    photons = 0;
  };
  sim.add_clock(&dut.clk, 5000, before, after);
  for (int size = 0; size < 12; size++) {
    dut.rst_n = 0;
    sim.run_edges(6);
    expected.clear();
    quad = pixel = sum = largest = 0;
    photons = 0;
    quads = size == 0 ? 1 : 1 + static_cast<uint32_t>(sim.random.below(70));
    pixels = size == 1 ? 1 : 1 + static_cast<uint32_t>(sim.random.below(40));
    dut.quads_per_pixel = quads;
    beat_percent = static_cast<unsigned>(size % 2 ? 100 : 40);
    dut.rst_n = 1;
    const uint64_t goal = frames + 4;
    bench::check(sim.run_until([&] { return frames >= goal; }, 200000), "frames do not come");
  }
  return bench::finish();
}
