// From the photons in gates to the inputs of the network (docs/fixed-point.md §1.2 to 1.5).
#pragma once

#include "activation.h"

namespace flimd {
namespace hls_core {

inline bool enough_photons(uint32_t photons, uint32_t min_photons) {
  FLIMD_INLINE
  return photons >= min_photons && photons <= static_cast<uint32_t>(fixed_point::kMaxPhotons);
}

// floor(√share), share at most 2^20, digit by digit: 11 subtractions, no multiplication.
inline uint16_t square_root(uint32_t share) {
  FLIMD_INLINE
  uint32_t rest = share;
  uint32_t root = 0;
  FLIMD_UNROLLED
  for (int digit = 20; digit >= 0; digit -= 2) {
    FLIMD_UNROLL
    const uint32_t trial = root + (1u << digit);
    const bool fits = rest >= trial;
    rest = fits ? rest - trial : rest;
    root = (root >> 1) + (fits ? 1u << digit : 0);
  }
  return static_cast<uint16_t>(root);
}

// log2(N / 1024) in Q7 with a linearly interpolated mantissa, clamped to the trained range; 1 ≤ N ≤ 2^20.
inline int16_t photon_feature(uint32_t photons, int32_t least, int32_t most) {
  FLIMD_INLINE
  int exponent = 0;
  FLIMD_UNROLLED
  for (int bit = 1; bit <= 20; ++bit) {
    FLIMD_UNROLL
    if ((photons >> bit) != 0) exponent = bit;
  }
  constexpr int32_t kOne = 1 << fixed_point::kInputFractionBits;
  const int32_t mantissa = static_cast<int32_t>((photons << fixed_point::kInputFractionBits) >> exponent) - kOne;
  return static_cast<int16_t>(clamped(kOne * (exponent - fixed_point::kPhotonFeatureCentre) + mantissa, least, most));
}

// floor(2^31 / N) of a pixel in every lane by restoring division, a bit per cycle; 0 where N is 0.
template <class Size>
void reciprocals(const uint32_t divisors[Size::kLanes], uint32_t quotients[Size::kLanes]) {
  FLIMD_INLINE
  uint32_t rest[Size::kLanes] = {};
  FLIMD_PARTITION(rest, 0)
  FLIMD_LOOP(reciprocal_bits)
  FLIMD_ROLLED
  for (int bit = fixed_point::kReciprocalBits; bit >= 0; --bit) {
    FLIMD_PIPELINE(1)
    FLIMD_UNROLLED
    for (int lane = 0; lane < Size::kLanes; ++lane) {
      FLIMD_UNROLL
      const bool first = bit == fixed_point::kReciprocalBits;
      const uint32_t trial = first ? 1 : rest[lane] << 1;
      const bool fits = divisors[lane] != 0 && trial >= divisors[lane];
      rest[lane] = fits ? trial - divisors[lane] : trial;
      quotients[lane] = (first ? 0 : quotients[lane]) | (fits ? 1u << bit : 0);
    }
  }
}

// Inputs of the network for a block of pixels. One without a valid number of photons has the inputs 0: it takes its
// place in the block, and the head refuses it.
//   features         [turn · kGates + gate][lane], Q7, 0 to 1024
//   photon_features  [turn][lane], Q7
template <class Rules, int max_gates, class Size>
void normalize(const Rules& rules, int gates, uint32_t min_photons,
               const uint32_t counts[Size::kTurns * max_gates][Size::kLanes],
               const uint32_t photons[Size::kTurns][Size::kLanes],
               uint16_t features[Size::kTurns * max_gates][Size::kLanes],
               int16_t photon_features[Size::kTurns][Size::kLanes]) {
  FLIMD_INLINE
  uint32_t divisors[Size::kLanes] = {};
  uint32_t shares[Size::kLanes] = {};
  FLIMD_PARTITION(divisors, 0)
  FLIMD_PARTITION(shares, 0)
  FLIMD_LOOP(normalize_turns)
  FLIMD_ROLLED
  for (int turn = 0; turn < Size::kTurns; ++turn) {
    FLIMD_UNROLLED
    for (int lane = 0; lane < Size::kLanes; ++lane) {
      FLIMD_UNROLL
      const uint32_t n = photons[turn][lane];
      const bool valid = enough_photons(n, min_photons);
      divisors[lane] = valid ? n : 0;
      photon_features[turn][lane] =
          photon_feature(valid ? n : 1, rules.photon_feature_min(), rules.photon_feature_max());
    }
    reciprocals<Size>(divisors, shares);
    FLIMD_LOOP(normalize_gates)
    FLIMD_ROLLED
    for (int gate = 0; gate < gates; ++gate) {
      FLIMD_PIPELINE(1)
      FLIMD_TRIPS(max_gates, max_gates)
      FLIMD_UNROLLED
      for (int lane = 0; lane < Size::kLanes; ++lane) {
        FLIMD_UNROLL
        const uint32_t product = counts[turn * max_gates + gate][lane] * shares[lane];
        features[turn * max_gates + gate][lane] = square_root(product >> fixed_point::kFractionShift);
      }
    }
  }
}

}  // namespace hls_core
}  // namespace flimd
