// exposure_timer: exposures as long as asked for (to the cycle, for any ratio of the clocks), photons inside pass,
// photons outside do not, one mark each. argv: seed, TICK_HZ, SENSOR_HZ and MINIMUM_TICKS as built.
#include <cmath>

#include "bench.h"

int main(int argc, char** argv) {
  bench::Simulation sim(bench::argument(argc, argv, 1, 1));
  Dut& dut = *sim.dut;
  const double ticks_per_cycle = double(bench::argument(argc, argv, 2, 0)) / double(bench::argument(argc, argv, 3, 1));
  const uint64_t minimum_ticks = bench::argument(argc, argv, 4, 0);
  uint64_t window_cycles = 0, events = 0, expected_events = 0;
  std::deque<uint32_t> passed;
  bool marked = false;

  auto before = [&] {
    if (!dut.sensor_rst_n) return;
    window_cycles += dut.exposing;
    if (dut.exposing && dut.s_photon_valid) {
      passed.push_back(dut.s_photon_pixel ^ (uint32_t(dut.s_photon_bin) << 8));
      expected_events++;
    }
    if (!dut.m_event_valid) return;
    if (dut.m_event_mark) {
      bench::check(!marked && passed.empty(), "a second mark, or one before the last event");
      marked = true;
      return;
    }
    const uint32_t found = dut.m_event_pixel ^ (uint32_t(dut.m_event_bin) << 8);
    bench::check(!passed.empty() && passed.front() == found, "an event that is no photon of the exposure");
    if (!passed.empty()) passed.pop_front();
    events++;
  };
  auto after = [&] {
    dut.exposure_start = 0;
    dut.s_photon_valid = sim.random.percent(60);
    dut.s_photon_pixel = sim.random.below(1 << 24);
    dut.s_photon_bin = sim.random.below(1 << 16);
  };
  dut.sensor_rst_n = 0;
  dut.exposure_start = 0;
  sim.add_clock(&dut.sensor_clk, 5000, before, after);
  sim.run_edges(10);
  dut.sensor_rst_n = 1;

  for (int exposure = 0; exposure < 40; exposure++) {
    const uint64_t asked = exposure % 8 == 0 ? 0 : 1 + sim.random.below(exposure % 3 ? 3000 : 12);
    const uint64_t ticks = asked ? asked : minimum_ticks;
    sim.run_edges(2 * sim.random.below(20));
    window_cycles = 0;
    marked = false;
    while (dut.sensor_clk) sim.edge();
    dut.exposure_start = 1;
    dut.exposure_ticks = asked;
    bench::check(sim.run_until([&] { return marked; }, 200000), "no mark");
    sim.run_edges(20);
    const uint64_t cycles = static_cast<uint64_t>(std::ceil(double(ticks) / ticks_per_cycle - 1e-9));
    bench::check(window_cycles == cycles, "%lu ticks: exposed for %lu cycles, expected %lu", ticks, window_cycles, cycles);
  }
  bench::check(events == expected_events && events > 1000, "%lu events, expected %lu", events, expected_events);
  return bench::finish();
}
