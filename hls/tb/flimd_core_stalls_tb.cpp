// The AXI-Stream tops between bounded queues of a few beats, both ends stalling at random: feeder, core and drain are
// threads that wait for each other as blocks of hardware do. Host only.
// Arguments: a vectors file, a seed, and for the core with weights at run time an image.

#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <thread>

#include "../vendor/flimd_core_axis.h"
#include "axis_feed.h"

namespace {

constexpr std::size_t kDepth = 2;

// Pauses now and then, long enough for queues to run full and empty.
std::function<void()> random_pauses(unsigned seed) {
  auto random = std::make_shared<std::mt19937>(seed);
  return [random] {
    if ((*random)() % 16 != 0) return;
    std::this_thread::sleep_for(std::chrono::microseconds((*random)() % 200));
  };
}

}  // namespace

int main(int argc, char** argv) {
  Vectors vectors;
  std::vector<std::uint32_t> image;
  if (argc < 3 || !read_vectors(argv[1], vectors)) return 2;
  if (argc > 3 && !read_image(argv[3], image)) return 2;
  const auto seed = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
  flimd::hls_core::BeatStream in(kDepth), out(kDepth);
  std::vector<std::uint64_t> found;
  std::thread feeder([&] { feed(vectors, in, random_pauses(seed)); });
  std::thread reader([&] { found = drain(vectors, out, random_pauses(seed + 1)); });
  std::uint64_t hash = 0;
  if (argc > 3) {
    flimd_core_loadable(in, out, 0, 0, 0, 1, image.data(), &hash);
    flimd_core_loadable(in, out, vectors.pixels, vectors.min_photons, vectors.bins, 0, image.data(), &hash);
  } else {
    flimd_core_axis(in, out, vectors.pixels, vectors.min_photons);
  }
  feeder.join();
  reader.join();
  const int different = compare_results(vectors, found);
  std::printf("%s: %u pixels, %d words differ; waits for room %zu and %zu, for beats %zu and %zu\n",
              different ? "FAILED" : "passed", vectors.pixels, different, in.waits_for_room(), out.waits_for_room(),
              in.waits_for_elements(), out.waits_for_elements());
  return different || !in.empty() || !out.empty() ? 1 : 0;
}
