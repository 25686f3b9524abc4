// Rounding, saturation and activations of docs/fixed-point.md, one by one.
#pragma once

#include "config.h"

namespace flimd {
namespace hls_core {

inline int32_t clamped(int32_t v, int32_t low, int32_t high) {
  FLIMD_INLINE
  return v < low ? low : v > high ? high : v;
}

inline int32_t sat16(int32_t v) {
  FLIMD_INLINE
  return clamped(v, -32768, 32767);
}

// shift 1 to kMaxShift; by 0, which only an image that load() refused has, it changes nothing.
inline int32_t round_shift(int32_t accumulator, int shift) {
  FLIMD_INLINE
  return (accumulator + ((1 << shift) >> 1)) >> shift;
}

// Product of two Q15 numbers in Q15.
inline int32_t mulhrs(int32_t a, int32_t b) {
  FLIMD_INLINE
  return (a * b + 0x4000) >> 15;
}

// Q12 → Q15
inline int32_t tanh_q15(int32_t p) {
  FLIMD_INLINE
  const int32_t a = clamped(p < 0 ? -p : p, 0, fixed_point::kTanhLimit);
  const int32_t b = 32767 - 4 * a;
  const int32_t y = fixed_point::kActivationOne - mulhrs(b, b);
  return p >= 0 ? y : -y;
}

// Q12 → Q15
inline int32_t sigmoid_q15(int32_t p) {
  FLIMD_INLINE
  const int32_t a = clamped(p < 0 ? -p : p, 0, fixed_point::kSigmoidLimit);
  const int32_t b = 32767 - 2 * a;
  const int32_t y = (fixed_point::kActivationOne - mulhrs(b, b)) >> 1;
  return p >= 0 ? 16384 + y : 16384 - y;
}

// The state, Q15, as the operand of a dot product, Q7. h + 128 saturates at 32767, so that the result is at most 127.
inline int8_t state_operand(int16_t h) {
  FLIMD_INLINE
  return static_cast<int8_t>(sat16(h + 128) >> 8);
}

}  // namespace hls_core
}  // namespace flimd
