// What encoder and decoder share: the dot products of a unit's rows, and its new state from their sums
// (docs/fixed-point.md §2.1 to 2.6).
#pragma once

#include "activation.h"

namespace flimd {
namespace hls_core {

// Where the weights of a column of `unroll` inputs lie: so many words, the first weight at this byte of the first.
template <int hidden, int unroll>
struct Columns {
  static constexpr int kCount = hidden / unroll;
  static constexpr int kWords = words_of(unroll);
  static constexpr int kRowWords = words_of(hidden);
  static_assert(hidden % unroll == 0, "unroll divides the number of units");
  static_assert(unroll % kWeightsPerWord == 0 || kWeightsPerWord % unroll == 0 || unroll == hidden,
                "unroll is 1, 2, 4, a multiple of 8, or all units");

  static int word(int column) { return column * unroll / kWeightsPerWord; }
  static int byte(int column) { return column * unroll % kWeightsPerWord; }
};

// The words of a column of the rows z, r and nh of a unit.
template <class Weights, int unroll>
void read_rows(const Weights& weights, int unit, int column, uint64_t rows[3][words_of(unroll)]) {
  FLIMD_INLINE
  using Column = Columns<Weights::kHidden, unroll>;
  FLIMD_UNROLLED
  for (int word = 0; word < Column::kWords; ++word) {
    FLIMD_UNROLL
    const int at = unit * Column::kRowWords + Column::word(column) + word;
    rows[0][word] = weights.update_word(at);
    rows[1][word] = weights.reset_word(at);
    rows[2][word] = weights.new_word(at);
  }
}

// Operands first … of all lanes. The tools make wires of it.
template <int unroll, int lanes, int units>
void read_column(const int8_t operands[units][lanes], int first, int8_t column[unroll][lanes]) {
  FLIMD_INLINE
  FLIMD_UNROLLED
  for (int k = 0; k < unroll; ++k) {
    FLIMD_UNROLL
    FLIMD_UNROLLED
    for (int lane = 0; lane < lanes; ++lane) {
      FLIMD_UNROLL
      column[k][lane] = operands[first + k][lane];
    }
  }
}

template <int lanes>
void clear_sums(int32_t sums[lanes]) {
  FLIMD_INLINE
  FLIMD_UNROLLED
  for (int lane = 0; lane < lanes; ++lane) {
    FLIMD_UNROLL
    sums[lane] = 0;
  }
}

// All states are 0 at the start. `unroll` units are cleared per cycle: operands are spread over as many memories.
template <int hidden, class Size>
void clear_operands(int8_t operands[Size::kTurns * hidden][Size::kLanes]) {
  FLIMD_INLINE
  FLIMD_LOOP(clear_columns)
  FLIMD_ROLLED
  for (int at = 0; at < Size::kTurns * hidden; at += Size::kUnroll) {
    FLIMD_PIPELINE(1)
    FLIMD_UNROLLED
    for (int k = 0; k < Size::kUnroll; ++k) {
      FLIMD_UNROLL
      FLIMD_UNROLLED
      for (int lane = 0; lane < Size::kLanes; ++lane) {
        FLIMD_UNROLL
        operands[at + k][lane] = 0;
      }
    }
  }
}

// products[lane] += Σ weight · operand over a column.
template <int unroll, int lanes>
void add_products(const uint64_t words[words_of(unroll)], int first_byte, const int8_t operands[unroll][lanes],
                  int32_t products[lanes]) {
  FLIMD_INLINE
  FLIMD_UNROLLED
  for (int k = 0; k < unroll; ++k) {
    FLIMD_UNROLL
    const int8_t weight = weight_of(words[k / kWeightsPerWord], (first_byte + k) % kWeightsPerWord);
    FLIMD_UNROLLED
    for (int lane = 0; lane < lanes; ++lane) {
      FLIMD_UNROLL
      // At most 127 · 128: an int16.
      products[lane] += static_cast<int16_t>(weight * operands[k][lane]);
    }
  }
}

// The sum over columns so far: all that goes from one iteration of the loop to the next is this one addition.
template <int lanes>
void add_sums(const int32_t products[lanes], bool first, int32_t sums[lanes]) {
  FLIMD_INLINE
  FLIMD_UNROLLED
  for (int lane = 0; lane < lanes; ++lane) {
    FLIMD_UNROLL
    sums[lane] = (first ? 0 : sums[lane]) + products[lane];
  }
}

// Accumulators of the four rows of a unit, biases included.
struct UnitSums {
  int32_t update, reset, new_hidden, new_input;
};

// The shifts of z, r, nh, nx stand in the bytes of a word.
inline int shift_of(uint32_t shifts, int row) {
  FLIMD_INLINE
  return (shifts >> (8 * row)) & 0x1f;
}

inline int16_t next_state(const UnitSums& sums, uint32_t shifts, int16_t state) {
  FLIMD_INLINE
  const int32_t z = sigmoid_q15(sat16(round_shift(sums.update, shift_of(shifts, 0))));
  const int32_t r = sigmoid_q15(sat16(round_shift(sums.reset, shift_of(shifts, 1))));
  const int32_t new_hidden = sat16(round_shift(sums.new_hidden, shift_of(shifts, 2)));
  const int32_t new_input = sat16(round_shift(sums.new_input, shift_of(shifts, 3)));
  const int32_t n = tanh_q15(sat16(new_input + mulhrs(r, new_hidden)));
  return static_cast<int16_t>(sat16(mulhrs(z, state) + mulhrs(32767 - z, n)));
}

}  // namespace hls_core
}  // namespace flimd
