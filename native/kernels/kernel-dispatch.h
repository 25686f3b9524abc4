// Which kernels this machine can run, and making one.
#pragma once

#include <memory>
#include <vector>

#include "kernels/lifetime-kernel.h"

namespace flimd {

// Fastest first; the scalar kernel runs everywhere.
std::vector<Simd> supported_simd();

// Of a supported one.
std::unique_ptr<LifetimeKernel> make_kernel(Simd simd, const Network& network, const GatePlan& plan);

}  // namespace flimd
