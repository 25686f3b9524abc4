// Self-checking test bench of the AXI-Stream tops: on the host, and C-simulation of Vitis HLS.
// Arguments: a vectors file, then a model image for the core with weights at run time; without, the model of `model.h`.

#include "../vendor/flimd_core_axis.h"

#include "axis_feed.h"

namespace {

void no_pause() {}

std::vector<std::uint64_t> run_baked(const Vectors& vectors, flimd::hls_core::BeatStream& in,
                                     flimd::hls_core::BeatStream& out) {
  flimd_core_axis(in, out, vectors.pixels, vectors.min_photons);
  return drain(vectors, out, no_pause);
}

std::vector<std::uint64_t> run_loadable(const Vectors& vectors, const std::vector<std::uint32_t>& image,
                                        flimd::hls_core::BeatStream& in, flimd::hls_core::BeatStream& out) {
  std::uint64_t hash = 0;
  flimd_core_loadable(in, out, 0, 0, 0, 1, image.data(), &hash);
  if (hash != (std::uint64_t{image[8]} << 32 | image[7])) {
    std::printf("the core refuses the image\n");
    return {};
  }
  flimd_core_loadable(in, out, vectors.pixels, vectors.min_photons, vectors.bins, 0, image.data(), &hash);
  return drain(vectors, out, no_pause);
}

}  // namespace

int main(int argc, char** argv) {
  Vectors vectors;
  std::vector<std::uint32_t> image;
  if (!read_vectors(argc > 1 ? argv[1] : "hls/tb/vectors/cells-12.5ns-32.txt", vectors)) return 2;
  if (argc > 2 && !read_image(argv[2], image)) return 2;
  flimd::hls_core::BeatStream in, out;
  feed(vectors, in, no_pause);
  const std::vector<std::uint64_t> found =
      argc > 2 ? run_loadable(vectors, image, in, out) : run_baked(vectors, in, out);
  const int different = compare_results(vectors, found);
  std::printf("%s: %u pixels, %d words differ\n", different ? "FAILED" : "passed", vectors.pixels, different);
  return different || !in.empty() || !out.empty() ? 1 : 0;
}
