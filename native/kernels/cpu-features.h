// Which kernels this machine can run.
#pragma once

#include <vector>

#include "kernels/lifetime-kernel.h"

namespace flimd {

// Fastest first; the scalar kernel runs everywhere.
std::vector<Simd> supported_simd();

// CRC32 instruction and carry-less multiplication.
bool supports_crc32();

}  // namespace flimd
