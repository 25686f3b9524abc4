// The portable top of the decoder: deconvolved decays by the model in `model.h`.

#include "flimd_decay.h"

#include "../core/baked_decoder.h"
#include "flimd_core.h"
#include "gather.h"

namespace {

using Size = flimd::hls_core::BakedParallel;
using flimd::hls_core::BakedCore;
using flimd::hls_core::BakedDecoder;
using flimd::hls_core::BakedModel;
constexpr int kSteps = flimd::model::kGates;

void emit(const uint16_t block[Size::kTurns * kSteps][Size::kLanes], const uint32_t photons[Size::kTurns][Size::kLanes],
          uint32_t first_pixel, uint32_t pixels, uint16_t decays[]) {
  FLIMD_ROLLED
  for (int at = 0; at < Size::kBlock; ++at) {
    const uint32_t pixel = first_pixel + static_cast<uint32_t>(at);
    const int turn = at / Size::kLanes;
    const int lane = at % Size::kLanes;
    const bool valid = flimd::hls_core::enough_photons(photons[turn][lane], flimd::model::kMinPhotons);
    FLIMD_ROLLED
    for (int step = 0; step < kSteps; ++step) {
      FLIMD_PIPELINE(1)
      const uint16_t value = valid ? block[turn * kSteps + step][lane] : 0;
      if (pixel < pixels) decays[pixel * kSteps + static_cast<uint32_t>(step)] = value;
    }
  }
}

}  // namespace

extern "C" void flimd_decay(const uint16_t histograms[FLIMD_MAX_PIXELS * flimd::model::kBins], uint32_t pixels,
                            uint16_t decays[FLIMD_MAX_PIXELS * kSteps]) {
  const BakedModel model = {};
  FLIMD_ROLLED
  for (uint32_t first = 0; first < pixels; first += Size::kBlock) {
    uint64_t beats[Size::kTurns * BakedCore::kBeats][Size::kLanes];
    uint16_t features[Size::kTurns * kSteps][Size::kLanes];
    int16_t photon_features[Size::kTurns][Size::kLanes];
    uint32_t photons[Size::kTurns][Size::kLanes];
    uint32_t photons_on[Size::kTurns][Size::kLanes];
    int16_t states[Size::kTurns * BakedModel::kHidden][Size::kLanes];
    uint16_t block[Size::kTurns * kSteps][Size::kLanes];
    flimd::hls_core::gather_block<flimd::model::kBins, Size>(histograms, first, pixels, beats);
    BakedCore::prepare(model.plan, model.rules, flimd::model::kBins, flimd::model::kMinPhotons, beats, features,
                       photon_features, photons);
    BakedCore::recur(model.encoder, kSteps, features, photon_features, photons, states, photons_on);
    flimd::hls_core::decode_decays<BakedDecoder, kSteps, Size>(BakedDecoder(), states, block);
    emit(block, photons_on, first, pixels, decays);
  }
}
