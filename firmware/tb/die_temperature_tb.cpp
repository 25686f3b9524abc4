// die_temperature against the XADC's transfer function (UG480), for the codes that the bench's XADC gives.
#include <cmath>

#include "bench.h"

int main() {
  Dut dut;
  const auto clock = [&dut] {
    dut.clk = 0;
    dut.eval();
    dut.clk = 1;
    dut.eval();
  };
  dut.rst_n = 0;
  for (int i = 0; i < 4; ++i) clock();
  dut.rst_n = 1;
  // The first reading comes a period after reset.
  for (int i = 0; i < 16; ++i) clock();
  for (unsigned code = 0x7000; code <= 0xb000; code += 0x1000) {
    for (int i = 0; i < 15; ++i) clock();
    const double expected = (code * 503.975 / 65536 - 273.15) * 1000;
    const int measured = static_cast<int>(dut.temperature_milli_c);
    bench::check(std::abs(measured - expected) <= 1, "code %04x: %d m°C, expected %.1f", code, measured, expected);
    clock();
  }
  return bench::finish();
}
