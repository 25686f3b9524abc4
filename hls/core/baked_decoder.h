// The decoder of the generated `model.h`; only where the package has one (kDecoder = 1).
#pragma once

#include "baked_model.h"
#include "decay_decoder.h"

namespace flimd {
namespace hls_core {

struct BakedDecoder {
  static constexpr int kHidden = model::kHidden;
  static uint64_t update_word(int at) { return model::kDecoderUpdateWeights[at]; }
  static uint64_t reset_word(int at) { return model::kDecoderResetWeights[at]; }
  static uint64_t new_word(int at) { return model::kDecoderNewWeights[at]; }
  static uint64_t context_update_word(int at) { return model::kDecoderContextUpdateWeights[at]; }
  static uint64_t context_reset_word(int at) { return model::kDecoderContextResetWeights[at]; }
  static uint64_t context_new_word(int at) { return model::kDecoderContextNewWeights[at]; }
  static uint32_t shift_word(int unit) { return model::kDecoderShifts[unit]; }
  static int32_t update_bias(int unit) { return model::kDecoderUpdateBiases[unit]; }
  static int32_t reset_bias(int unit) { return model::kDecoderResetBiases[unit]; }
  static int32_t new_hidden_bias(int unit) { return model::kDecoderNewHiddenBiases[unit]; }
  static int32_t new_input_bias(int unit) { return model::kDecoderNewInputBiases[unit]; }
  static int32_t readout_weight(int unit) { return model::kDecoderReadoutWeights[unit]; }
  static int32_t readout_bias() { return model::kDecoderReadoutBias; }
  static int readout_shift() { return model::kDecoderReadoutShift; }
};

}  // namespace hls_core
}  // namespace flimd
