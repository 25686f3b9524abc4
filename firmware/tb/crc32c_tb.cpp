// crc32c: eight and four bytes a step against a bit-by-bit model. With a second argument (bytes as hexadecimal
// digits, a multiple of four bytes) it prints their CRC and nothing else.
#include <cstring>
#include <string>

#include "bench.h"

namespace {

uint32_t model_step(uint32_t state, uint8_t byte) {
  state ^= byte;
  for (int bit = 0; bit < 8; bit++) state = state & 1 ? (state >> 1) ^ 0x82f63b78u : state >> 1;
  return state;
}

uint32_t dut_step(Dut& dut, uint32_t state, uint64_t data, bool four_bytes) {
  dut.state = state;
  dut.data = data;
  dut.four_bytes = four_bytes;
  dut.eval();
  return dut.next_state;
}

void print_crc(Dut& dut, const std::string& digits) {
  uint32_t state = 0xffffffffu;
  for (size_t at = 0; at < digits.size();) {
    const size_t bytes = digits.size() - at >= 16 ? 8 : 4;
    uint64_t data = 0;
    for (size_t i = 0; i < bytes; i++) data |= std::stoull(digits.substr(at + 2 * i, 2), nullptr, 16) << (8 * i);
    state = dut_step(dut, state, data, bytes == 4);
    at += 2 * bytes;
  }
  std::printf("%08x\n", ~state);
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t seed = bench::argument(argc, argv, 1, 1);
  Dut dut;
  if (argc > 2) {
    print_crc(dut, argv[2]);
    return 0;
  }
  bench::Random random(seed);
  for (int trial = 0; trial < 20000; trial++) {
    const uint32_t state = static_cast<uint32_t>(random.next());
    const uint64_t data = random.next();
    const bool four_bytes = random.percent(30);
    uint32_t expected = state;
    for (int i = 0; i < (four_bytes ? 4 : 8); i++) expected = model_step(expected, static_cast<uint8_t>(data >> (8 * i)));
    const uint32_t found = dut_step(dut, state, data, four_bytes);
    bench::check(found == expected, "state %08x data %016lx: %08x, expected %08x", state, data, found, expected);
  }
  return bench::finish();
}
