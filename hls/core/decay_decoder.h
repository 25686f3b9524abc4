// The decoder, optional (docs/fixed-point.md §7): from the encoder's last state to the deconvolved decay.
#pragma once

#include "gru_cell.h"

namespace flimd {
namespace hls_core {

// What every accumulator begins with in every step, [row kind z, r, nh, nx][turn · kHidden + unit][lane]: its bias and
// the context.
template <class Weights, class Size>
void context_sums(const Weights& weights, const int16_t states[Size::kTurns * Weights::kHidden][Size::kLanes],
                  int32_t sums[4][Size::kTurns * Weights::kHidden][Size::kLanes]) {
  FLIMD_INLINE
  constexpr int kHidden = Weights::kHidden;
  int32_t update[Size::kLanes] = {}, reset[Size::kLanes] = {}, new_input[Size::kLanes] = {};
  FLIMD_PARTITION(update, 0)
  FLIMD_PARTITION(reset, 0)
  FLIMD_PARTITION(new_input, 0)
  FLIMD_LOOP(context_units)
  FLIMD_ROLLED
  for (int unit = 0; unit < kHidden; ++unit) {
    FLIMD_LOOP(context_turns)
    FLIMD_ROLLED
    for (int turn = 0; turn < Size::kTurns; ++turn) {
      FLIMD_LOOP(context_inputs)
      FLIMD_ROLLED
      for (int input = 0; input < kHidden; ++input) {
        FLIMD_PIPELINE(1)
        const int word = unit * words_of(kHidden) + input / kWeightsPerWord;
        const int byte = input % kWeightsPerWord;
        FLIMD_UNROLLED
        for (int lane = 0; lane < Size::kLanes; ++lane) {
          FLIMD_UNROLL
          const int at = turn * kHidden + unit;
          const bool first = input == 0;
          const int32_t c = state_operand(states[turn * kHidden + input][lane]);
          update[lane] = (first ? weights.update_bias(unit) : update[lane]) +
                         weight_of(weights.context_update_word(word), byte) * c;
          reset[lane] = (first ? weights.reset_bias(unit) : reset[lane]) +
                        weight_of(weights.context_reset_word(word), byte) * c;
          new_input[lane] = (first ? weights.new_input_bias(unit) : new_input[lane]) +
                            weight_of(weights.context_new_word(word), byte) * c;
          sums[0][at][lane] = update[lane];
          sums[1][at][lane] = reset[lane];
          sums[2][at][lane] = weights.new_hidden_bias(unit);
          sums[3][at][lane] = new_input[lane];
        }
      }
    }
  }
}

// The decays of a block of pixels, [turn · kGates + step][lane], kDecayOne = the start of the decay. Loops as in
// encode(); the readout is summed up unit by unit as the states appear.
template <class Weights, int gates, class Size>
void decode_decays(const Weights& weights, const int16_t context[Size::kTurns * Weights::kHidden][Size::kLanes],
                   uint16_t decays[Size::kTurns * gates][Size::kLanes]) {
  FLIMD_INLINE
  constexpr int kHidden = Weights::kHidden;
  constexpr int kUnroll = Size::kUnroll;
  using Column = Columns<kHidden, kUnroll>;
  // Iterations from where a state is written to where it is read again. A name, for directives take no more.
  constexpr int kDistance = Size::kTurns * Column::kCount;
  int32_t starts[4][Size::kTurns * kHidden][Size::kLanes];
  int16_t states[Size::kTurns * kHidden][Size::kLanes];
  int8_t operands[2][Size::kTurns * kHidden][Size::kLanes];
  int32_t readout[Size::kTurns][Size::kLanes];
  int32_t products[3][Size::kLanes] = {};
  int32_t sums[3][Size::kLanes] = {};
  FLIMD_PARTITION(starts, 1)
  FLIMD_PARTITION(starts, 3)
  FLIMD_PARTITION(states, 2)
  FLIMD_PARTITION(operands, 1)
  FLIMD_PARTITION_CYCLIC(operands, 2, kUnroll)
  FLIMD_PARTITION(operands, 3)
  FLIMD_PARTITION(readout, 2)
  FLIMD_PARTITION(products, 0)
  FLIMD_PARTITION(sums, 0)
  context_sums<Weights, Size>(weights, context, starts);
  clear_operands<kHidden, Size>(operands[0]);
  FLIMD_LOOP(decoder_steps)
  FLIMD_ROLLED
  for (int step = 0; step < gates; ++step) {
    FLIMD_LOOP(decoder_units)
    FLIMD_ROLLED
    for (int unit = 0; unit < kHidden; ++unit) {
      FLIMD_LOOP(decoder_columns)
      FLIMD_ROLLED
      for (int at_column = 0; at_column < kDistance; ++at_column) {
        FLIMD_PIPELINE(1)
        FLIMD_DISTANCE(operands, kDistance)
        FLIMD_DISTANCE(states, kDistance)
        FLIMD_DISTANCE(readout, kDistance)
        const int turn = at_column / Column::kCount;
        const int column = at_column % Column::kCount;
        uint64_t rows[3][Column::kWords];
        FLIMD_PARTITION(rows, 0)
        read_rows<Weights, kUnroll>(weights, unit, column, rows);
        int8_t inputs[kUnroll][Size::kLanes];
        FLIMD_PARTITION(inputs, 0)
        read_column<kUnroll, Size::kLanes, Size::kTurns * kHidden>(
            operands[step & 1], turn * kHidden + column * kUnroll, inputs);
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
            const UnitSums unit_sums = {starts[0][at][lane] + sums[0][lane], starts[1][at][lane] + sums[1][lane],
                                        starts[2][at][lane] + sums[2][lane], starts[3][at][lane]};
            const int16_t before = step == 0 ? 0 : states[at][lane];
            const int16_t state = next_state(unit_sums, weights.shift_word(unit), before);
            states[at][lane] = state;
            operands[~step & 1][at][lane] = state_operand(state);
            const int32_t read = (unit == 0 ? weights.readout_bias() : readout[turn][lane]) +
                                 weights.readout_weight(unit) * state;
            readout[turn][lane] = read;
            decays[turn * gates + step][lane] =
                static_cast<uint16_t>(clamped(round_shift(read, weights.readout_shift()), 0, 0xffff));
          }
        }
      }
    }
  }
}

}  // namespace hls_core
}  // namespace flimd
