// Self-checking test bench of the decoder's top, with vectors that hold decays.

#include "../top/flimd_decay.h"

#include <model.h>

#include "vectors.h"

int main(int argc, char** argv) {
  Vectors vectors;
  if (!read_vectors(argc > 1 ? argv[1] : "hls/tb/vectors/cells-12.5ns-32.txt", vectors)) return 2;
  if (vectors.steps != static_cast<std::uint32_t>(flimd::model::kGates)) {
    std::printf("the vectors have no decays of this model: %u steps\n", vectors.steps);
    return 2;
  }
  std::vector<std::uint16_t> decays(vectors.decays.size(), 0xabcd);
  flimd_decay(vectors.histograms.data(), vectors.pixels, decays.data());
  for (std::size_t i = 0; i < decays.size(); ++i) {
    if (decays[i] == vectors.decays[i]) continue;
    std::printf("FAILED: pixel %zu step %zu: %u, expected %u\n", i / vectors.steps, i % vectors.steps, decays[i],
                vectors.decays[i]);
    return 1;
  }
  std::printf("passed: %u decays\n", vectors.pixels);
  return 0;
}
