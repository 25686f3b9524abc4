// Self-checking test bench of the IP block's top, as its synthesis script simulates it: beats in, beats out, TLAST.
// Argument: a vectors file for the model of `model.h`.

#include "../vendor/flimd_core_axis.h"

#include <model.h>

#include "vectors.h"

using flimd::hls_core::Beat;
using flimd::hls_core::BeatStream;

namespace {

// A row of bins as beats; bins that are missing in the last one are 0. TLAST on the last beat of the last pixel.
void write_pixel(BeatStream& stream, const std::uint16_t* bins, std::uint32_t count, bool last_pixel) {
  for (std::uint32_t first = 0; first < count; first += flimd::hls_core::kBinsPerBeat) {
    Beat beat;
    beat.data = 0;
    beat.keep = 0xff;
    beat.strb = 0xff;
    std::uint64_t word = 0;
    for (std::uint32_t i = 0; i < flimd::hls_core::kBinsPerBeat && first + i < count; ++i) {
      word |= static_cast<std::uint64_t>(bins[first + i]) << (16 * i);
    }
    beat.data = word;
    beat.last = last_pixel && first + flimd::hls_core::kBinsPerBeat >= count;
    stream.write(beat);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Vectors vectors;
  if (argc < 2 || !read_vectors(argv[1], vectors)) return 2;
  if (vectors.bins != static_cast<std::uint32_t>(flimd::model::kBins)) {
    std::printf("the vectors are for another core: %u bins\n", vectors.bins);
    return 2;
  }
  BeatStream histograms, lifetimes;
  for (std::uint32_t pixel = 0; pixel < vectors.pixels; ++pixel) {
    write_pixel(histograms, &vectors.histograms[std::size_t{pixel} * vectors.bins], vectors.bins,
                pixel + 1 == vectors.pixels);
  }
  flimd_core_axis(histograms, lifetimes, vectors.pixels, vectors.min_photons);
  std::vector<std::uint64_t> results;
  int wrong_last = 0;
  while (!lifetimes.empty()) {
    const Beat beat = lifetimes.read();
    results.push_back(static_cast<std::uint64_t>(beat.data));
    if (static_cast<bool>(beat.last) != (results.size() == vectors.results.size())) ++wrong_last;
  }
  const int different = compare_results(vectors, results);
  const bool whole = results.size() == vectors.results.size() && histograms.empty();
  const bool passed = different == 0 && wrong_last == 0 && whole;
  std::printf("%s: %u pixels, %d words differ, %d wrong TLAST, %zu beats of %zu\n", passed ? "passed" : "FAILED",
              vectors.pixels, different, wrong_last, results.size(), vectors.results.size());
  return passed ? 0 : 1;
}
