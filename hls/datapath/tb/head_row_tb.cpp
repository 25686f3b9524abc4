// head_row FILE SEED: prints per row its value and the cycles from its last column. FILE: unroll, columns, rows; then per
// row the weights, the states, bias, shift.
#include "datapath_bench.h"

using datapath::put;

int main(int, char** argv) {
  datapath::Numbers numbers(argv[1]);
  bench::Random random(std::strtoull(argv[2], nullptr, 10));
  const int unroll = numbers.next(), columns = numbers.next(), rows = numbers.next();
  Dut dut;
  dut.valid = 0;
  datapath::reset(dut, 30);
  std::deque<int> last_cycles;
  std::vector<int64_t> weights, states, ending;
  int begun = 0, column = 0, finished = 0;
  for (int cycle = 0; finished < rows && cycle < 4 * rows * columns + 100; cycle++) {
    dut.valid = begun < rows && !random.percent(20);
    if (dut.valid) {
      if (column == 0) {
        weights = numbers.take(unroll * columns);
        states = numbers.take(unroll * columns);
        ending = numbers.take(2);
      }
      put(dut.weights, &weights[column * unroll], unroll, 8);
      put(dut.states, &states[column * unroll], unroll, 16);
      dut.first = column == 0;
      dut.last = column == columns - 1;
      if (dut.last) {
        put(dut.bias, &ending[0], 1, 31);
        put(dut.shift, &ending[1], 1, 5);
        last_cycles.push_back(cycle);
        begun++;
      }
      column = (column + 1) % columns;
    }
    datapath::tick(dut);
    if (!dut.done) continue;
    std::printf("%d %d\n", static_cast<int16_t>(dut.y), cycle + 1 - last_cycles.front());
    last_cycles.pop_front();
    finished++;
  }
  return finished == rows ? 0 : 1;
}
