// From detector bins to gates (docs/fixed-point.md §1.1): a gate is a run of bins, so that one running sum is enough.
#pragma once

#include "config.h"

namespace flimd {
namespace hls_core {

// Photons of a block of pixels in every gate and in all of them. `bins` is at most Plan::kBins.
//   beats    [turn · beats of kBins + beat][lane], as the stream of histograms
//   counts   [turn · kGates + gate][lane]
//   photons  [turn][lane]
template <class Plan, class Size>
void merge_gates(const Plan& plan, int bins, const uint64_t beats[Size::kTurns * beats_of(Plan::kBins)][Size::kLanes],
                 uint32_t counts[Size::kTurns * Plan::kGates][Size::kLanes],
                 uint32_t photons[Size::kTurns][Size::kLanes]) {
  FLIMD_INLINE
  constexpr int kBins = Plan::kBins;  // a name, for directives take no more
  static_assert(Plan::kGates <= kNoGate, "no gate has the number of none");
  uint32_t gate_sum[Size::kLanes] = {};
  uint32_t total[Size::kLanes] = {};
  FLIMD_PARTITION(gate_sum, 0)
  FLIMD_PARTITION(total, 0)
  FLIMD_LOOP(merge_turns)
  FLIMD_ROLLED
  for (int turn = 0; turn < Size::kTurns; ++turn) {
    uint16_t gate_before = kNoGate;
    FLIMD_LOOP(merge_bins)
    FLIMD_ROLLED
    for (int bin = 0; bin < bins; ++bin) {
      FLIMD_PIPELINE(1)
      FLIMD_TRIPS(kBins, kBins)
      const uint16_t gate = plan.gate_of(bin);
      const bool in_gate = gate < Plan::kGates;
      FLIMD_UNROLLED
      for (int lane = 0; lane < Size::kLanes; ++lane) {
        FLIMD_UNROLL
        const uint64_t beat = beats[turn * beats_of(kBins) + bin / kBinsPerBeat][lane];
        const uint32_t in_bin = static_cast<uint16_t>(beat >> (16 * (bin % kBinsPerBeat)));
        const uint32_t before = gate == gate_before ? gate_sum[lane] : 0;
        gate_sum[lane] = before + in_bin;
        total[lane] = (bin == 0 ? 0 : total[lane]) + (in_gate ? in_bin : 0);
        if (in_gate) counts[turn * Plan::kGates + gate][lane] = gate_sum[lane];
        photons[turn][lane] = total[lane];
      }
      gate_before = gate;
    }
  }
}

}  // namespace hls_core
}  // namespace flimd
