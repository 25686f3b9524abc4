// gate_normalizer FILE SEED: prints per pixel the photon feature, the cycles from `start` to `ready`, the features of its
// gates and the cycles a feature takes. FILE: pixels, gates; then per pixel the photons and the counts of the gates.
#include "datapath_bench.h"

int main(int, char** argv) {
  datapath::Numbers numbers(argv[1]);
  bench::Random random(std::strtoull(argv[2], nullptr, 10));
  const int pixels = numbers.next(), gates = numbers.next();
  Dut dut;
  dut.start = 0;
  dut.gate_valid = 0;
  datapath::reset(dut, 30);
  for (int pixel = 0; pixel < pixels; pixel++) {
    dut.photons = numbers.next();
    const std::vector<int64_t> counts = numbers.take(gates);
    dut.start = 1;
    datapath::tick(dut);
    dut.start = 0;
    dut.photons = random.next() & 0x1fffff;
    dut.eval();
    int cycles = 1;
    for (; !dut.ready && cycles < 100; cycles++) datapath::tick(dut);
    std::printf("%d %d", static_cast<int>(dut.photon_feature << 20) >> 20, cycles);
    std::deque<int> begun;
    int latency = 0;
    for (int cycle = 0, fed = 0, found = 0; found < gates && cycle < 4 * gates + 100; cycle++) {
      dut.gate_valid = fed < gates && !random.percent(20);
      if (dut.gate_valid) {
        dut.gate_count = counts[fed++];
        begun.push_back(cycle);
      }
      datapath::tick(dut);
      if (!dut.feature_valid) continue;
      latency = cycle + 1 - begun.front();
      begun.pop_front();
      std::printf(" %d", dut.feature);
      found++;
    }
    std::printf(" %d\n", latency);
  }
}
