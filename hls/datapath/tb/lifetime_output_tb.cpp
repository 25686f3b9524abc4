// lifetime_output FILE SEED: prints per pixel its four outputs and the cycles from its last value. FILE: units, pixels; then
// per pixel whether its photons are valid, 4 biases, 4 shifts, and per unit the value and 4 weights.
#include "datapath_bench.h"

using datapath::put;

int main(int, char** argv) {
  datapath::Numbers numbers(argv[1]);
  bench::Random random(std::strtoull(argv[2], nullptr, 10));
  const int units = numbers.next(), pixels = numbers.next();
  Dut dut;
  dut.valid = 0;
  datapath::reset(dut, 30);
  for (int pixel = 0; pixel < pixels; pixel++) {
    dut.photons_valid = numbers.next();
    const std::vector<int64_t> ending = numbers.take(8);
    put(dut.biases, &ending[0], 4, 31);
    put(dut.shifts, &ending[4], 4, 5);
    int last = 0;
    for (int cycle = 0, fed = 0; cycle < 4 * units + 100; cycle++) {
      dut.valid = fed < units && !random.percent(20);
      if (dut.valid) {
        const std::vector<int64_t> column = numbers.take(5);
        put(dut.y, &column[0], 1, 16);
        put(dut.weights, &column[1], 4, 8);
        dut.first = fed == 0;
        dut.last = ++fed == units;
        if (dut.last) last = cycle;
      }
      datapath::tick(dut);
      if (!dut.done) continue;
      for (int output = 0; output < 4; output++) std::printf("%d ", static_cast<int>(dut.outputs >> (16 * output) & 0xffff));
      std::printf("%d\n", cycle + 1 - last);
      break;
    }
  }
}
