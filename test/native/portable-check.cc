// The native kernels as a processor without SIMD of its own gets them. Prints how many kernels there are and the
// CRC-32C of standard input.
#include <cstdio>
#include <vector>

#include "kernels/crc32c.h"
#include "kernels/kernel-dispatch.h"

int main() {
  std::vector<unsigned char> bytes;
  for (int byte; (byte = std::getchar()) != EOF;) bytes.push_back(static_cast<unsigned char>(byte));
  std::printf("%zu %08x\n", flimd::supported_simd().size(), flimd::crc32c(bytes.data(), bytes.size()));
}
