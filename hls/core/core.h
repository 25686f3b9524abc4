// The pipeline over a block of pixels: gates and inputs → encoder → head. A model is an object of
//   plan         gate_of(bin)                                                      kGates, kBins: the most of each
//   rules        gates, min_photons, photon_feature_min/max, lifetime_min_ps/max_ps
//   encoder      the words, biases and shifts that gru_encoder.h reads             kHidden
//   head_layers  those of lifetime_head.h                                          kHidden, kHead
// whose numbers are constants (baked_model.h) or in memories of the core (loadable_model.h).
#pragma once

#include "gate_merge.h"
#include "gru_encoder.h"
#include "lifetime_head.h"
#include "normalize.h"

namespace flimd {
namespace hls_core {

template <class Model, class Size>
struct Core {
  static constexpr int kBeats = beats_of(Model::kBins);
  static_assert(Model::kHidden % kHeadUnroll == 0, "units come in fours");
  // A stage takes its own part of the model: a memory has one process that reads it.
  using Plan = typename Model::Plan;
  using Rules = typename Model::Rules;
  using Encoder = typename Model::Encoder;
  using Head = typename Model::Head;

  // Of host and model, the stricter limit.
  static uint32_t photon_limit(const Model& model, uint32_t min_photons) {
    FLIMD_INLINE
    return min_photons > model.rules.min_photons() ? min_photons : model.rules.min_photons();
  }

  // Stage 1: the inputs of the network.
  static void prepare(const Plan& plan, Rules rules, int bins, uint32_t min_photons,
                      const uint64_t beats[Size::kTurns * kBeats][Size::kLanes],
                      uint16_t features[Size::kTurns * Model::kGates][Size::kLanes],
                      int16_t photon_features[Size::kTurns][Size::kLanes],
                      uint32_t photons[Size::kTurns][Size::kLanes]) {
    FLIMD_NOT_INLINE
    uint32_t counts[Size::kTurns * Model::kGates][Size::kLanes];
    uint32_t merged[Size::kTurns][Size::kLanes];
    FLIMD_PARTITION(counts, 2)
    FLIMD_PARTITION(merged, 2)
    merge_gates<Plan, Size>(plan, bins, beats, counts, merged);
    normalize<Rules, Model::kGates, Size>(rules, rules.gates(), min_photons, counts, merged, features, photon_features);
    pass_on(merged, photons);
  }

  // Stage 2: the recurrence; all but all of the time. Photons pass through, for a channel has one reader.
  static void recur(const Encoder& encoder, int gates,
                    const uint16_t features[Size::kTurns * Model::kGates][Size::kLanes],
                    const int16_t photon_features[Size::kTurns][Size::kLanes],
                    const uint32_t photons[Size::kTurns][Size::kLanes],
                    int16_t states[Size::kTurns * Model::kHidden][Size::kLanes],
                    uint32_t photons_on[Size::kTurns][Size::kLanes]) {
    FLIMD_NOT_INLINE
    pass_on(photons, photons_on);
    encode<Encoder, Model::kGates, Size>(encoder, gates, features, photon_features, states);
  }

  // Stage 3: lifetimes and their standard errors, or 0.
  static void decide(const Head& head, Rules rules, uint32_t min_photons,
                     const int16_t states[Size::kTurns * Model::kHidden][Size::kLanes],
                     const uint32_t photons[Size::kTurns][Size::kLanes],
                     uint64_t results[Size::kTurns * kResultWords][Size::kLanes]) {
    FLIMD_NOT_INLINE
    int16_t layer[Size::kTurns * Model::kHead][Size::kLanes];
    FLIMD_PARTITION(layer, 2)
    hidden_layer<Head, Size>(head, states, layer);
    output_layer<Rules, Head, Size>(rules, head, min_photons, layer, photons, results);
  }

  // A block from its histograms to its results; `min_photons` as photon_limit() gives it.
  //   beats    [turn · kBeats + beat][lane]
  //   results  [turn · kResultWords + word][lane]
  static void compute_block(const Model& model, int bins, uint32_t min_photons,
                            const uint64_t beats[Size::kTurns * kBeats][Size::kLanes],
                            uint64_t results[Size::kTurns * kResultWords][Size::kLanes]) {
    FLIMD_DATAFLOW
    uint16_t features[Size::kTurns * Model::kGates][Size::kLanes];
    int16_t photon_features[Size::kTurns][Size::kLanes];
    uint32_t photons[Size::kTurns][Size::kLanes];
    uint32_t photons_on[Size::kTurns][Size::kLanes];
    int16_t states[Size::kTurns * Model::kHidden][Size::kLanes];
    FLIMD_PARTITION(features, 2)
    FLIMD_PARTITION(photon_features, 2)
    FLIMD_PARTITION(photons, 2)
    FLIMD_PARTITION(photons_on, 2)
    FLIMD_PARTITION(states, 2)
    FLIMD_PARTITION_CYCLIC(states, 1, kHeadUnroll)
    prepare(model.plan, model.rules, bins, min_photons, beats, features, photon_features, photons);
    recur(model.encoder, model.rules.gates(), features, photon_features, photons, states, photons_on);
    decide(model.head_layers, model.rules, min_photons, states, photons_on, results);
  }

 private:
  static void pass_on(const uint32_t from[Size::kTurns][Size::kLanes], uint32_t to[Size::kTurns][Size::kLanes]) {
    FLIMD_INLINE
    FLIMD_LOOP(pass_turns)
    FLIMD_ROLLED
    for (int turn = 0; turn < Size::kTurns; ++turn) {
      FLIMD_PIPELINE(1)
      FLIMD_UNROLLED
      for (int lane = 0; lane < Size::kLanes; ++lane) {
        FLIMD_UNROLL
        to[turn][lane] = from[turn][lane];
      }
    }
  }
};

}  // namespace hls_core
}  // namespace flimd
