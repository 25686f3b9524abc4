// Sizes of a core, and the form of its data. Only stdint types: both HLS tools and every C++14 compiler take them.
#pragma once

#include <stdint.h>

#include "../../native/generated/fixed_point.h"
#include "pragmas.h"

namespace flimd {
namespace hls_core {

constexpr int kOutputs = 4;        // lifetimes by amplitude and intensity, then the standard error of each
constexpr int kBinsPerBeat = 4;    // u16 each, bin 4k in bits 15:0
constexpr int kResultWords = 2;    // 64-bit words of a pixel's result
constexpr int kWeightsPerWord = 8; // int8, input 8k in bits 7:0
constexpr int kHeadUnroll = 4;     // multiply-accumulates of the head's hidden layer per lane and cycle
constexpr uint16_t kNoGate = 0xffff;

constexpr int words_of(int weights) { return (weights + kWeightsPerWord - 1) / kWeightsPerWord; }
constexpr int beats_of(int bins) { return (bins + kBinsPerBeat - 1) / kBinsPerBeat; }

// How much of a core works at the same time.
//   lanes   pixels in parallel: every weight that is read serves all of them
//   unroll  multiply-accumulates per row, lane and cycle; the rows z, r and nh of a unit are computed side by side
//   turns   pixels that take turns in a lane: the state of a pixel is not needed before the others had their turn
template <int lanes, int unroll, int turns>
struct Parallel {
  static constexpr int kLanes = lanes;
  static constexpr int kUnroll = unroll;
  static constexpr int kTurns = turns;
  // Pixel p of a block is in lane p % lanes, turn p / lanes.
  static constexpr int kBlock = lanes * turns;
  static_assert(lanes >= 1 && turns >= 1, "a core computes at least one pixel");
};

// A weight of a packed word; `byte` 0 to 7.
inline int8_t weight_of(uint64_t word, int byte) {
  FLIMD_INLINE
  return static_cast<int8_t>((word >> (8 * byte)) & 0xff);
}

}  // namespace hls_core
}  // namespace flimd
