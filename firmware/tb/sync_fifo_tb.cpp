// sync_fifo: order, level and full capacity under random stalls, resets in between.
#include "bench.h"

int main(int argc, char** argv) {
  const uint64_t seed = bench::argument(argc, argv, 1, 1);
  bench::Simulation sim(seed);
  Dut& dut = *sim.dut;
  bench::Source<uint64_t> source;
  bench::Steady<uint64_t> steady;
  std::deque<uint64_t> inside;
  unsigned take_percent = 50, highest = 0;
  uint64_t taken = 0;

  auto before = [&] {
    if (!dut.rst_n) return;
    bench::check(dut.level == inside.size(), "level %u, but %zu words inside", dut.level, inside.size());
    steady.watch(dut.m_valid, dut.m_ready, dut.m_data, "m");
    if (dut.m_valid && dut.m_ready) {
      bench::check(!inside.empty() && dut.m_data == inside.front(), "word %lu is wrong", taken);
      if (!inside.empty()) inside.pop_front();
      taken++;
    }
    const uint64_t offered = dut.s_data;
    if (source.taken(dut.s_ready)) inside.push_back(offered);
    highest = std::max<unsigned>(highest, static_cast<unsigned>(inside.size()));
  };
  auto after = [&] {
    if (source.queue.empty()) source.queue.push_back(sim.random.next());
    const uint64_t* word = dut.rst_n ? source.offer(sim.random) : nullptr;
    dut.s_valid = word != nullptr;
    dut.s_data = word ? *word : sim.random.next();
    dut.m_ready = sim.random.percent(take_percent);
  };
  sim.add_clock(&dut.clk, 5000, before, after);

  for (int round = 0; round < 12; round++) {
    dut.rst_n = 0;
    dut.s_valid = 0;
    source.forget();
    inside.clear();
    steady.reset();
    sim.run_edges(8);
    dut.rst_n = 1;
    source.stall_percent = static_cast<unsigned>(sim.random.below(4) * 30);
    take_percent = round == 0 ? 0 : static_cast<unsigned>(20 + sim.random.below(81));
    sim.run_edges(2000);
    if (round == 0) bench::check(highest == 16, "holds %u words, expected 16", highest);
  }
  // Nothing stalls: a word every cycle.
  source.stall_percent = 0;
  take_percent = 100;
  sim.run_edges(100);
  const uint64_t then = taken;
  sim.run_edges(400);
  bench::check(taken - then >= 199, "%lu words in 200 cycles", taken - then);
  return bench::finish();
}
