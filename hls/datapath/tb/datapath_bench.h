// What the benches of the datapath share: numbers from a file, packed ports, a clock. They print what the module gives;
// the test compares it with the reference arithmetic.
#pragma once
#include <array>
#include <fstream>
#include <type_traits>

#include "bench.h"

namespace datapath {

// Whole numbers of a text file, in order.
class Numbers {
 public:
  explicit Numbers(const char* path) : file_(path) {}
  int64_t next() {
    int64_t value = 0;
    if (!(file_ >> value)) {
      std::fprintf(stderr, "the vectors end too early\n");
      std::exit(2);
    }
    return value;
  }
  std::vector<int64_t> take(size_t count) {
    std::vector<int64_t> values(count);
    for (int64_t& value : values) value = next();
    return values;
  }

 private:
  std::ifstream file_;
};

inline bool bit_of(const int64_t* values, int bits, int at) { return values[at / bits] >> (at % bits) & 1; }

// `count` values of `bits` bits each into a port, the first in its low bits.
template <class Port>
void put(Port& port, const int64_t* values, int count, int bits) {
  if constexpr (std::is_integral_v<Port>) {
    uint64_t word = 0;
    for (int at = 0; at < count * bits; at++) word |= static_cast<uint64_t>(bit_of(values, bits, at)) << at;
    port = static_cast<Port>(word);
  } else {
    for (int at = 0; at < count * bits; at++) {
      const uint32_t mask = 1u << (at % 32);
      port[at / 32] = bit_of(values, bits, at) ? port[at / 32] | mask : port[at / 32] & ~mask;
    }
  }
}

// After the inputs of a cycle are set: its edge. Outputs then are those of the next cycle.
inline void tick(Dut& dut) {
  dut.clk = 0;
  dut.eval();
  dut.clk = 1;
  dut.eval();
}

inline void reset(Dut& dut, int cycles) {
  dut.rst_n = 0;
  for (int i = 0; i < cycles; i++) tick(dut);
  dut.rst_n = 1;
}

}  // namespace datapath
