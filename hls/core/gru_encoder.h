// The recurrent encoder (docs/fixed-point.md §2).
#pragma once

#include "gru_cell.h"

namespace flimd {
namespace hls_core {

// What the inputs add to the dot products of a unit: x and u of a pixel, at this gate.
template <class Weights>
UnitSums unit_sums(const Weights& weights, int unit, int32_t x, int32_t u, int32_t update, int32_t reset,
                   int32_t new_hidden) {
  FLIMD_INLINE
  const uint32_t wx = weights.input_word(unit);
  const uint32_t wu = weights.photon_word(unit);
  UnitSums sums;
  sums.update = update + weights.update_bias(unit) + weight_of(wx, 0) * x + weight_of(wu, 0) * u;
  sums.reset = reset + weights.reset_bias(unit) + weight_of(wx, 1) * x + weight_of(wu, 1) * u;
  sums.new_hidden = new_hidden + weights.new_hidden_bias(unit);
  sums.new_input = weights.new_input_bias(unit) + weight_of(wx, 2) * x + weight_of(wu, 2) * u;
  return sums;
}

// The encoder's last states for a block of pixels, [turn · kHidden + unit][lane], Q15.
//
// Units outside, turns inside: what the last unit of a turn writes is read again after all other turns, turns · columns
// iterations later. Where that is more than the pipeline is deep, one loop of gates · units · turns · columns iterations
// begins one every cycle. A gate reads one half of `operands` and writes the other.
//
// Turns and columns are one loop: tools dissolve a loop of one iteration, which the columns of a whole row would be, and
// its directives with it.
template <class Weights, int max_gates, class Size>
void encode(const Weights& weights, int gates, const uint16_t features[Size::kTurns * max_gates][Size::kLanes],
            const int16_t photon_features[Size::kTurns][Size::kLanes],
            int16_t states[Size::kTurns * Weights::kHidden][Size::kLanes]) {
  FLIMD_INLINE
  constexpr int kHidden = Weights::kHidden;
  constexpr int kUnroll = Size::kUnroll;
  using Column = Columns<kHidden, kUnroll>;
  // Iterations from where a state is written to where it is read again. A name, for directives take no more.
  constexpr int kDistance = Size::kTurns * Column::kCount;
  int8_t operands[2][Size::kTurns * kHidden][Size::kLanes];
  int32_t products[3][Size::kLanes] = {};
  int32_t sums[3][Size::kLanes] = {};  // z, r, nh
  FLIMD_PARTITION(operands, 1)
  FLIMD_PARTITION_CYCLIC(operands, 2, kUnroll)
  FLIMD_PARTITION(operands, 3)
  FLIMD_PARTITION(products, 0)
  FLIMD_PARTITION(sums, 0)
  clear_operands<kHidden, Size>(operands[0]);
  FLIMD_LOOP(encoder_gates)
  FLIMD_ROLLED
  for (int gate = 0; gate < gates; ++gate) {
    FLIMD_TRIPS(max_gates, max_gates)
    FLIMD_LOOP(encoder_units)
    FLIMD_ROLLED
    for (int unit = 0; unit < kHidden; ++unit) {
      FLIMD_LOOP(encoder_columns)
      FLIMD_ROLLED
      for (int at_column = 0; at_column < kDistance; ++at_column) {
        FLIMD_PIPELINE(1)
        FLIMD_DISTANCE(operands, kDistance)
        FLIMD_DISTANCE(states, kDistance)
        const int turn = at_column / Column::kCount;
        const int column = at_column % Column::kCount;
        uint64_t rows[3][Column::kWords];
        FLIMD_PARTITION(rows, 0)
        read_rows<Weights, kUnroll>(weights, unit, column, rows);
        int8_t inputs[kUnroll][Size::kLanes];
        FLIMD_PARTITION(inputs, 0)
        read_column<kUnroll, Size::kLanes, Size::kTurns * kHidden>(
            operands[gate & 1], turn * kHidden + column * kUnroll, inputs);
        FLIMD_UNROLLED
        for (int row = 0; row < 3; ++row) {
          FLIMD_UNROLL
          clear_sums<Size::kLanes>(products[row]);
          add_products<kUnroll, Size::kLanes>(rows[row], Column::byte(column), inputs, products[row]);
          add_sums<Size::kLanes>(products[row], column == 0, sums[row]);
        }
        if (column == Column::kCount - 1) {
          FLIMD_UNROLLED
          for (int lane = 0; lane < Size::kLanes; ++lane) {
            FLIMD_UNROLL
            const int at = turn * kHidden + unit;
            const int16_t before = gate == 0 ? 0 : states[at][lane];
            const UnitSums all = unit_sums(weights, unit, features[turn * max_gates + gate][lane],
                                           photon_features[turn][lane], sums[0][lane], sums[1][lane], sums[2][lane]);
            const int16_t state = next_state(all, weights.shift_word(unit), before);
            states[at][lane] = state;
            operands[~gate & 1][at][lane] = state_operand(state);
          }
        }
      }
    }
  }
}

}  // namespace hls_core
}  // namespace flimd
