// async_fifo: order and completeness for two unrelated clocks, random stalls, resets in the middle.
// argv: seed, period of the write clock, of the read clock (ps).
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

  auto write_before = [&] {
    if (!dut.wr_rst_n) return;
    const uint64_t offered = dut.wr_data;
    // The read side's register may hold one word more than the memory.
    bench::check(dut.wr_level + 1 >= inside.size(), "level %u below the truth, %zu", dut.wr_level, inside.size());
    if (source.taken(dut.wr_ready)) inside.push_back(offered);
    highest = std::max<unsigned>(highest, static_cast<unsigned>(inside.size()));
  };
  auto write_after = [&] {
    if (source.queue.empty()) source.queue.push_back(sim.random.next());
    const uint64_t* word = dut.wr_rst_n ? source.offer(sim.random) : nullptr;
    dut.wr_valid = word != nullptr;
    dut.wr_data = word ? *word : sim.random.next();
  };
  auto read_before = [&] {
    if (!dut.rd_rst_n) return;
    steady.watch(dut.rd_valid, dut.rd_ready, dut.rd_data, "rd");
    if (!dut.rd_valid || !dut.rd_ready) return;
    bench::check(!inside.empty() && dut.rd_data == inside.front(), "word %lu is wrong", taken);
    if (!inside.empty()) inside.pop_front();
    taken++;
  };
  auto read_after = [&] { dut.rd_ready = sim.random.percent(take_percent); };
  sim.add_clock(&dut.wr_clk, bench::argument(argc, argv, 2, 5000), write_before, write_after);
  sim.add_clock(&dut.rd_clk, bench::argument(argc, argv, 3, 7770), read_before, read_after);

  for (int round = 0; round < 12; round++) {
    dut.wr_rst_n = 0;
    dut.rd_rst_n = 0;
    dut.wr_valid = 0;
    source.forget();
    inside.clear();
    steady.reset();
    sim.run_edges(60);
    // Either side may leave reset first.
    (round % 2 ? dut.wr_rst_n : dut.rd_rst_n) = 1;
    sim.run_edges(20);
    dut.wr_rst_n = 1;
    dut.rd_rst_n = 1;
    source.stall_percent = static_cast<unsigned>(sim.random.below(4) * 30);
    take_percent = round == 0 ? 0 : static_cast<unsigned>(20 + sim.random.below(81));
    const uint64_t then = taken;
    sim.run_edges(4000);
    if (round == 0) bench::check(highest >= 16 && highest <= 17, "holds %u words, expected 16 or 17", highest);
    else bench::check(taken - then > 50, "only %lu words came", taken - then);
  }
  // What is inside comes out.
  source.stall_percent = 100;
  take_percent = 100;
  bench::check(sim.run_until([&] { return inside.empty() && !dut.wr_valid; }, 2000), "%zu words stay inside", inside.size());
  return bench::finish();
}
