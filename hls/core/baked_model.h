// A model whose numbers are constants of the core, from the generated `model.h` (flimd model hls). Its tables are read
// through functions, so that the kernels are the same for a model in memory.
#pragma once

#include "core.h"
#include "model.h"

namespace flimd {
namespace hls_core {

struct BakedPlan {
  static constexpr int kGates = model::kGates;
  static constexpr int kBins = model::kBins;
  static uint16_t gate_of(int bin) { return model::kBinGates[bin]; }
};

struct BakedRules {
  static int gates() { return model::kGates; }
  static uint32_t min_photons() { return model::kMinPhotons; }
  static int32_t photon_feature_min() { return model::kPhotonFeatureMin; }
  static int32_t photon_feature_max() { return model::kPhotonFeatureMax; }
  static int32_t lifetime_min_ps() { return model::kLifetimeMinPs; }
  static int32_t lifetime_max_ps() { return model::kLifetimeMaxPs; }
};

struct BakedEncoder {
  static constexpr int kHidden = model::kHidden;
  static uint64_t update_word(int at) { return model::kUpdateWeights[at]; }
  static uint64_t reset_word(int at) { return model::kResetWeights[at]; }
  static uint64_t new_word(int at) { return model::kNewWeights[at]; }
  static uint32_t input_word(int unit) { return model::kInputWeights[unit]; }
  static uint32_t photon_word(int unit) { return model::kPhotonWeights[unit]; }
  static uint32_t shift_word(int unit) { return model::kShifts[unit]; }
  static int32_t update_bias(int unit) { return model::kUpdateBiases[unit]; }
  static int32_t reset_bias(int unit) { return model::kResetBiases[unit]; }
  static int32_t new_hidden_bias(int unit) { return model::kNewHiddenBiases[unit]; }
  static int32_t new_input_bias(int unit) { return model::kNewInputBiases[unit]; }
};

struct BakedHead {
  static constexpr int kHidden = model::kHidden;
  static constexpr int kHead = model::kHead;
  static uint64_t head_word(int at) { return model::kHeadWeights[at]; }
  static int32_t head_bias(int unit) { return model::kHeadBiases[unit]; }
  static int head_shift(int unit) { return model::kHeadShifts[unit]; }
  static uint32_t output_word(int unit) { return model::kOutputWeights[unit]; }
  static int32_t output_bias(int output) { return model::kOutputBiases[output]; }
  static int output_shift(int output) { return model::kOutputShifts[output]; }
};

struct BakedModel {
  using Plan = BakedPlan;
  using Rules = BakedRules;
  using Encoder = BakedEncoder;
  using Head = BakedHead;
  static constexpr int kHidden = model::kHidden;
  static constexpr int kHead = model::kHead;
  static constexpr int kGates = model::kGates;
  static constexpr int kBins = model::kBins;
  Plan plan;
  Rules rules;
  Encoder encoder;
  Head head_layers;
};

using BakedParallel = Parallel<model::kLanes, model::kUnroll, model::kTurns>;
using BakedCore = Core<BakedModel, BakedParallel>;

}  // namespace hls_core
}  // namespace flimd
