// gru_unit FILE SEED: jobs from FILE through the pipeline, columns in a row but for random gaps. Prints per job the new
// state, the operand, and the cycles from its last column. FILE: unroll, columns, jobs; then per job the weights of z, r,
// nh, the operands, gate feature, photon feature, 3 + 3 input weights, 4 biases, 4 shifts, the state before.
#include "datapath_bench.h"

using datapath::put;

namespace {

struct Job {
  std::vector<int64_t> weights[3], operands, tail;
};

void put_column(Dut& dut, const Job& job, int column, int unroll) {
  put(dut.z_weights, &job.weights[0][column * unroll], unroll, 8);
  put(dut.r_weights, &job.weights[1][column * unroll], unroll, 8);
  put(dut.nh_weights, &job.weights[2][column * unroll], unroll, 8);
  put(dut.operands, &job.operands[column * unroll], unroll, 8);
}

void put_tail(Dut& dut, const int64_t* tail) {
  put(dut.gate_feature, tail, 1, 11);
  put(dut.photon_feature, tail + 1, 1, 12);
  put(dut.input_weights, tail + 2, 3, 8);
  put(dut.photon_weights, tail + 5, 3, 8);
  put(dut.biases, tail + 8, 4, 23);
  put(dut.shifts, tail + 12, 4, 5);
  put(dut.state_before, tail + 16, 1, 16);
}

}  // namespace

int main(int, char** argv) {
  datapath::Numbers numbers(argv[1]);
  bench::Random random(std::strtoull(argv[2], nullptr, 10));
  const int unroll = numbers.next(), columns = numbers.next(), jobs = numbers.next();
  std::vector<Job> all(jobs);
  for (Job& job : all) {
    for (auto& row : job.weights) row = numbers.take(unroll * columns);
    job.operands = numbers.take(unroll * columns);
    job.tail = numbers.take(17);
  }
  Dut dut;
  dut.valid = 0;
  datapath::reset(dut, 30);
  std::deque<int> last_cycles;
  int begun = 0, column = 0, taken = 0, finished = 0;
  for (int cycle = 0; finished < jobs && cycle < 4 * jobs * columns + 100; cycle++) {
    dut.valid = begun < jobs && !random.percent(20);
    if (dut.valid) {
      put_column(dut, all[begun], column, unroll);
      dut.first = column == 0;
      dut.last = column == columns - 1;
      if (dut.last) last_cycles.push_back(cycle);
      column = (column + 1) % columns;
      if (column == 0) begun++;
    }
    if (dut.take) put_tail(dut, all[taken++].tail.data());
    datapath::tick(dut);
    if (dut.done) {
      const int latency = cycle + 1 - last_cycles.front();
      last_cycles.pop_front();
      std::printf("%d %d %d\n", static_cast<int16_t>(dut.state), static_cast<int8_t>(dut.operand), latency);
      finished++;
    }
  }
  return finished == jobs ? 0 : 1;
}
