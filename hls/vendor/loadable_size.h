// Size of the core with weights at run time. Every model with as many units, gates and bins or fewer can be loaded.
#pragma once

#include "../core/config.h"

namespace flimd {
namespace hls_core {

constexpr int kLoadableUnits = 32;  // of the encoder, and of the head's hidden layer
constexpr int kLoadableGates = 64;
constexpr int kLoadableBins = 256;
using LoadableParallel = Parallel<4, 32, 32>;

}  // namespace hls_core
}  // namespace flimd
