// pulse_crossing: as many pulses come out as went in, each within a few cycles.
// argv: seed, periods of the two clocks (ps).
#include "bench.h"

int main(int argc, char** argv) {
  bench::Simulation sim(bench::argument(argc, argv, 1, 1));
  Dut& dut = *sim.dut;
  const uint64_t from_ps = bench::argument(argc, argv, 2, 5000), to_ps = bench::argument(argc, argv, 3, 7770);
  uint64_t sent = 0, arrived = 0, wait = 0;
  dut.from_rst_n = 0;
  dut.to_rst_n = 0;

  auto drive = [&] {
    dut.from_pulse = 0;
    if (!dut.from_rst_n || !dut.to_rst_n || wait-- > 0) return;
    dut.from_pulse = 1;
    sent++;
    wait = 4 * to_ps / from_ps + 2 + sim.random.below(10);
  };
  auto watch = [&] {
    if (!dut.to_rst_n || !dut.to_pulse) return;
    arrived++;
    bench::check(arrived == sent, "pulse %lu came out after %lu went in", arrived, sent);
  };
  sim.add_clock(&dut.from_clk, from_ps, [] {}, drive);
  sim.add_clock(&dut.to_clk, to_ps, watch, [] {});
  sim.run_edges(100);
  dut.from_rst_n = 1;
  dut.to_rst_n = 1;
  sim.run_edges(20000);
  bench::check(sent > 200 && sent - arrived <= 1, "%lu pulses in, %lu out", sent, arrived);
  return bench::finish();
}
