// The head and the last word on a pixel (docs/fixed-point.md §3, §4).
#pragma once

#include "gru_cell.h"
#include "normalize.h"

namespace flimd {
namespace hls_core {

// layer[turn · kHead + unit][lane], Q15, of the encoder's last states with all their 16 bits.
template <class Weights, class Size>
void hidden_layer(const Weights& weights, const int16_t states[Size::kTurns * Weights::kHidden][Size::kLanes],
                  int16_t layer[Size::kTurns * Weights::kHead][Size::kLanes]) {
  FLIMD_INLINE
  constexpr int kColumns = Weights::kHidden / kHeadUnroll;
  int32_t sums[Size::kLanes] = {};
  FLIMD_PARTITION(sums, 0)
  FLIMD_LOOP(head_units)
  FLIMD_ROLLED
  for (int unit = 0; unit < Weights::kHead; ++unit) {
    FLIMD_LOOP(head_turns)
    FLIMD_ROLLED
    for (int turn = 0; turn < Size::kTurns; ++turn) {
      FLIMD_LOOP(head_columns)
      FLIMD_ROLLED
      for (int column = 0; column < kColumns; ++column) {
        FLIMD_PIPELINE(1)
        const int first = column * kHeadUnroll;
        const uint64_t word = weights.head_word(unit * words_of(Weights::kHidden) + first / kWeightsPerWord);
        FLIMD_UNROLLED
        for (int lane = 0; lane < Size::kLanes; ++lane) {
          FLIMD_UNROLL
          int32_t products = 0;
          FLIMD_UNROLLED
          for (int k = 0; k < kHeadUnroll; ++k) {
            FLIMD_UNROLL
            products +=
                weight_of(word, (first + k) % kWeightsPerWord) * states[turn * Weights::kHidden + first + k][lane];
          }
          sums[lane] = (column == 0 ? weights.head_bias(unit) : sums[lane]) + products;
          if (column == kColumns - 1) {
            const int32_t p = sat16(round_shift(sums[lane], weights.head_shift(unit)));
            layer[turn * Weights::kHead + unit][lane] = static_cast<int16_t>(tanh_q15(p));
          }
        }
      }
    }
  }
}

// The two words of a result: lifetimes and photons, then standard errors. `values` are the outputs in ps.
template <class Rules>
void judge(const Rules& rules, const int32_t values[kOutputs], uint32_t photons, uint32_t min_photons,
           uint64_t words[kResultWords]) {
  FLIMD_INLINE
  const int32_t low = rules.lifetime_min_ps();
  const int32_t high = rules.lifetime_max_ps();
  const int32_t amplitude = clamped(values[0], 0, 0xffff);
  const int32_t intensity = clamped(values[1], 0, 0xffff);
  const bool trained = amplitude >= low && amplitude <= high && intensity >= low && intensity <= high;
  const bool valid = trained && enough_photons(photons, min_photons);
  const uint64_t lifetimes = static_cast<uint64_t>(amplitude) | static_cast<uint64_t>(intensity) << 16;
  const uint64_t amplitude_error = static_cast<uint64_t>(clamped(values[2], 1, 0xffff));
  const uint64_t intensity_error = static_cast<uint64_t>(clamped(values[3], 1, 0xffff));
  words[0] = (valid ? lifetimes : 0) | static_cast<uint64_t>(photons) << 32;
  words[1] = valid ? amplitude_error | intensity_error << 16 : 0;
}

// results[turn · kResultWords + word][lane]
template <class Rules, class Weights, class Size>
void output_layer(const Rules& rules, const Weights& weights, uint32_t min_photons,
                  const int16_t layer[Size::kTurns * Weights::kHead][Size::kLanes],
                  const uint32_t photons[Size::kTurns][Size::kLanes],
                  uint64_t results[Size::kTurns * kResultWords][Size::kLanes]) {
  FLIMD_INLINE
  int32_t sums[Size::kLanes][kOutputs] = {};
  FLIMD_PARTITION(sums, 0)
  FLIMD_LOOP(output_turns)
  FLIMD_ROLLED
  for (int turn = 0; turn < Size::kTurns; ++turn) {
    FLIMD_LOOP(output_units)
    FLIMD_ROLLED
    for (int unit = 0; unit < Weights::kHead; ++unit) {
      FLIMD_PIPELINE(1)
      const uint32_t word = weights.output_word(unit);
      FLIMD_UNROLLED
      for (int lane = 0; lane < Size::kLanes; ++lane) {
        FLIMD_UNROLL
        int32_t values[kOutputs];
        FLIMD_PARTITION(values, 0)
        FLIMD_UNROLLED
        for (int output = 0; output < kOutputs; ++output) {
          FLIMD_UNROLL
          const int32_t before = unit == 0 ? weights.output_bias(output) : sums[lane][output];
          sums[lane][output] = before + weight_of(word, output) * layer[turn * Weights::kHead + unit][lane];
          values[output] = round_shift(sums[lane][output], weights.output_shift(output));
        }
        if (unit == Weights::kHead - 1) {
          uint64_t words[kResultWords];
          FLIMD_PARTITION(words, 0)
          judge(rules, values, photons[turn][lane], min_photons, words);
          results[turn * kResultWords][lane] = words[0];
          results[turn * kResultWords + 1][lane] = words[1];
        }
      }
    }
  }
}

}  // namespace hls_core
}  // namespace flimd
