// event_fifo: what is offered either comes out in order or is counted as lost; marks are never lost, with a sensor
// that offers an event every cycle and a reader that stands still for long.
// argv: seed, periods of the sensor's and the data path's clock (ps).
#include "bench.h"

namespace {
struct Event {
  bool mark;
  uint32_t pixel, bin;
  bool operator==(const Event&) const = default;
};
}  // namespace

int main(int argc, char** argv) {
  const uint64_t seed = bench::argument(argc, argv, 1, 1);
  bench::Simulation sim(seed);
  Dut& dut = *sim.dut;
  std::deque<Event> offered;  // not yet come out; lost ones among them
  uint64_t lost = 0, skipped = 0, marks_in = 0, marks_out = 0;
  unsigned take_percent = 100, offer_percent = 100, marks_inside = 0;
  bool saw_almost_full = false;

  auto sensor_after = [&] {
    dut.s_event_valid = dut.sensor_rst_n && sim.random.percent(offer_percent);
    dut.s_event_mark = dut.s_event_valid && marks_inside < 2 && sim.random.below(200) == 0;
    dut.s_event_pixel = sim.random.below(1 << 24);
    dut.s_event_bin = sim.random.below(1 << 16);
    if (!dut.s_event_valid) return;
    offered.push_back({dut.s_event_mark != 0, dut.s_event_pixel, dut.s_event_bin});
    marks_in += dut.s_event_mark;
    marks_inside += dut.s_event_mark;
  };
  auto path_before = [&] {
    if (!dut.rst_n) return;
    lost += dut.lost_events;
    saw_almost_full |= dut.s_event_almost_full != 0;
    if (!dut.m_event_valid || !dut.m_event_ready) return;
    const Event found{dut.m_event_mark != 0, dut.m_event_pixel, dut.m_event_bin};
    // Whatever was offered before this one and has not come out was lost.
    while (!offered.empty() && !(offered.front() == found)) {
      bench::check(!offered.front().mark, "a mark was lost");
      offered.pop_front();
      skipped++;
    }
    bench::check(!offered.empty(), "an event came out that was not offered");
    if (!offered.empty()) offered.pop_front();
    marks_out += found.mark;
    marks_inside -= found.mark;
  };
  auto path_after = [&] { dut.m_event_ready = sim.random.percent(take_percent); };
  dut.sensor_rst_n = 0;
  dut.rst_n = 0;
  dut.s_event_valid = 0;
  sim.add_clock(&dut.sensor_clk, bench::argument(argc, argv, 2, 5000), [] {}, sensor_after);
  sim.add_clock(&dut.clk, bench::argument(argc, argv, 3, 5000), path_before, path_after);
  sim.run_edges(60);
  dut.sensor_rst_n = 1;
  dut.rst_n = 1;

  for (int round = 0; round < 20; round++) {
    offer_percent = static_cast<unsigned>(10 + sim.random.below(91));
    take_percent = round % 4 == 3 ? 0 : static_cast<unsigned>(20 + sim.random.below(81));
    sim.run_edges(1500);
  }
  offer_percent = 0;
  take_percent = 100;
  sim.run_edges(2000);
  skipped += offered.size();
  for (const Event& event : offered) bench::check(!event.mark, "a mark was lost at the end");
  bench::check(lost == skipped, "%lu events told lost, %lu are", lost, skipped);
  bench::check(lost > 100 && saw_almost_full, "the FIFO never overflowed: nothing tested");
  bench::check(marks_in == marks_out && marks_in > 5, "%lu marks in, %lu out", marks_in, marks_out);
  return bench::finish();
}
