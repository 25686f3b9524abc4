// Self-checking test bench of the portable top: on the host, and C-simulation of any HLS tool.
// Argument: a vectors file for the model of `model.h`; default: the committed one, from the top of the source tree.

#include "../top/flimd_core.h"

#include <model.h>

#include "vectors.h"

int main(int argc, char** argv) {
  Vectors vectors;
  if (!read_vectors(argc > 1 ? argv[1] : "hls/tb/vectors/cells-12.5ns-32.txt", vectors)) return 2;
  if (vectors.bins != static_cast<std::uint32_t>(flimd::model::kBins) || vectors.pixels > FLIMD_MAX_PIXELS) {
    std::printf("the vectors are for another core: %u bins\n", vectors.bins);
    return 2;
  }
  std::vector<std::uint64_t> results(vectors.results.size(), ~std::uint64_t{0});
  flimd_core(vectors.histograms.data(), vectors.pixels, vectors.min_photons, results.data());
  const int different = compare_results(vectors, results);
  std::printf("%s: %u pixels, %d words differ\n", different ? "FAILED" : "passed", vectors.pixels, different);
  return different ? 1 : 0;
}
