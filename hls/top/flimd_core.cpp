// The portable top: lifetimes of any number of pixels by the model in `model.h`. Plain arrays, one loop over blocks.

#include "flimd_core.h"

#include "../core/baked_model.h"
#include "gather.h"

namespace {

using Size = flimd::hls_core::BakedParallel;
using flimd::hls_core::BakedCore;
using flimd::hls_core::BakedModel;
using flimd::hls_core::kResultWords;

void emit(const uint64_t words[Size::kTurns * kResultWords][Size::kLanes], uint32_t first_pixel, uint32_t pixels,
          uint64_t results[]) {
  FLIMD_LOOP(emit_pixels)
  FLIMD_ROLLED
  for (int at = 0; at < Size::kBlock; ++at) {
    const uint32_t pixel = first_pixel + static_cast<uint32_t>(at);
    FLIMD_LOOP(emit_words)
    FLIMD_ROLLED
    for (int word = 0; word < kResultWords; ++word) {
      FLIMD_PIPELINE(1)
      if (pixel < pixels) {
        results[pixel * kResultWords + static_cast<uint32_t>(word)] =
            words[at / Size::kLanes * kResultWords + word][at % Size::kLanes];
      }
    }
  }
}

}  // namespace

extern "C" void flimd_core(const uint16_t histograms[FLIMD_MAX_PIXELS * flimd::model::kBins], uint32_t pixels,
                           uint32_t min_photons, uint64_t results[FLIMD_MAX_PIXELS * kResultWords]) {
  const BakedModel model = {};
  const uint32_t limit = BakedCore::photon_limit(model, min_photons);
  FLIMD_LOOP(blocks_of_pixels)
  FLIMD_ROLLED
  for (uint32_t first = 0; first < pixels; first += Size::kBlock) {
    uint64_t beats[Size::kTurns * BakedCore::kBeats][Size::kLanes];
    uint64_t words[Size::kTurns * kResultWords][Size::kLanes];
    FLIMD_PARTITION(beats, 2)
    FLIMD_PARTITION(words, 2)
    flimd::hls_core::gather_block<flimd::model::kBins, Size>(histograms, first, pixels, beats);
    BakedCore::compute_block(model, flimd::model::kBins, limit, beats, words);
    emit(words, first, pixels, results);
  }
}
