// The beats of a block of pixels from an array of counts.
#pragma once

#include "../core/config.h"

namespace flimd {
namespace hls_core {

// Pixels beyond the last one are dark. beats[turn · beats of `bins` + beat][lane]
template <int bins, class Size>
void gather_block(const uint16_t histograms[], uint32_t first_pixel, uint32_t pixels,
                  uint64_t beats[Size::kTurns * beats_of(bins)][Size::kLanes]) {
  FLIMD_LOOP(gather_pixels)
  FLIMD_ROLLED
  for (int at = 0; at < Size::kBlock; ++at) {
    const uint32_t pixel = first_pixel + static_cast<uint32_t>(at);
    uint64_t beat = 0;
    FLIMD_LOOP(gather_bins)
    FLIMD_ROLLED
    for (int bin = 0; bin < bins; ++bin) {
      FLIMD_PIPELINE(1)
      const int place = bin % kBinsPerBeat;
      const uint64_t in_bin = pixel < pixels ? histograms[pixel * bins + static_cast<uint32_t>(bin)] : 0;
      beat = (place == 0 ? 0 : beat) | in_bin << (16 * place);
      beats[at / Size::kLanes * beats_of(bins) + bin / kBinsPerBeat][at % Size::kLanes] = beat;
    }
  }
}

}  // namespace hls_core
}  // namespace flimd
