// The core model of simulations (hls/sim/core_model.h) between two ends that stall at random.
// Arguments: a vectors file, an image for it, a seed, pixels of a block.

#include <cstdlib>
#include <random>

#include "../../hls/sim/core_model.h"
#include "../../hls/tb/vectors.h"

namespace {

using namespace flimd::hls_sim;

constexpr std::uint32_t kCyclesPerBlock = 40;
constexpr int kPatience = 1000000;

struct Bench {
  const Vectors& vectors;
  CoreModel& core;
  std::mt19937 random;
  std::size_t fed = 0;
  std::size_t refused = 0;  // times that a beat was there and the core was not ready
  std::vector<std::uint64_t> words;
  bool last_is_right = true;

  std::uint32_t beats_per_pixel() const { return (vectors.bins + 3) / 4; }

  std::uint64_t beat(std::size_t at) const {
    const std::size_t pixel = at / beats_per_pixel(), first = at % beats_per_pixel() * 4;
    std::uint64_t word = 0;
    for (std::size_t bin = first; bin < vectors.bins && bin < first + 4; ++bin) {
      word |= std::uint64_t{vectors.histograms[pixel * vectors.bins + bin]} << (16 * (bin - first));
    }
    return word;
  }

  void cycle() {
    if (fed < std::size_t{vectors.pixels} * beats_per_pixel() && random() % 4 != 0) {
      if (core.input_ready()) core.push(beat(fed++));
      else ++refused;
    }
    if (core.output_valid() && random() % 8 == 0) {
      words.push_back(core.output().word);
      last_is_right = last_is_right && core.output().last == (words.size() == 2 * vectors.pixels);
      core.pop();
    }
    core.tick();
  }

  void start() {
    fed = refused = 0;
    words.clear();
    core.write_register(kPixelsRegister, vectors.pixels);
    core.write_register(kMinPhotonsRegister, vectors.min_photons);
    core.write_register(kControlRegister, kStart);
  }

  // A whole call; whether it ended as a call does.
  bool run() {
    start();
    for (int patience = kPatience; patience > 0; --patience) {
      cycle();
      const std::uint32_t control = core.read_register(kControlRegister);
      if ((control & kDone) != 0) return control == (kDone | kIdle | kReady) && last_is_right;
      if (control != kStart) return false;
    }
    return false;
  }

  bool all_zero() const {
    for (const std::uint64_t word : words) {
      if (word != 0) return false;
    }
    return words.size() == 2 * vectors.pixels;
  }
};

int failed(const char* what) {
  std::printf("FAILED: %s\n", what);
  return 1;
}

std::vector<std::uint32_t> read_words(const char* path) {
  std::vector<std::uint32_t> words(8192);
  std::FILE* file = std::fopen(path, "rb");
  if (!file) return {};
  words.resize(std::fread(words.data(), 4, words.size(), file));
  std::fclose(file);
  return words;
}

// As a host loads a model: over the registers.
void load(CoreModel& core, const std::vector<std::uint32_t>& image, std::uint32_t bins) {
  for (std::size_t at = 0; at < image.size(); ++at) {
    core.write_register(kImageRegister + 4 * static_cast<std::uint32_t>(at), image[at]);
  }
  core.write_register(kBinsRegister, bins);
  core.write_register(kLoadRegister, 1);
  core.write_register(kControlRegister, kStart);
  core.write_register(kLoadRegister, 0);
}

}  // namespace

int main(int argc, char** argv) {
  Vectors vectors;
  if (argc < 5 || !read_vectors(argv[1], vectors)) return 2;
  const std::vector<std::uint32_t> image = read_words(argv[2]);
  CoreModel core(static_cast<std::uint32_t>(std::atoi(argv[4])), kCyclesPerBlock);
  Bench bench{vectors, core, std::mt19937(static_cast<unsigned>(std::atoi(argv[3]))), 0, 0, {}, true};

  core.write_register(kBinsRegister, vectors.bins);
  if (!bench.run() || !bench.all_zero() || core.model_hash() != 0) return failed("a core without a model");
  std::vector<std::uint32_t> damaged = image;
  damaged.back() = 0x80000000;  // bins of gates that no core has
  load(core, damaged, vectors.bins);
  if (core.model_hash() != 0 || !bench.run() || !bench.all_zero()) return failed("a refused image");
  load(core, image, vectors.bins);
  if ((core.read_register(kControlRegister) & kDone) == 0 || core.model_hash() == 0) return failed("loading");
  if (!bench.run() || compare_results(vectors, bench.words) != 0) return failed("a call");
  if (bench.refused == 0) return failed("nothing was refused: the core holds more than it may");
  bench.start();
  for (int cycle = 0; cycle < 300; ++cycle) bench.cycle();
  core.reset();
  if (core.output_valid() || core.input_ready()) return failed("reset in mid-call");
  bench.last_is_right = true;
  if (!bench.run() || compare_results(vectors, bench.words) != 0) return failed("a call after a reset");
  core.write_register(kBinsRegister, vectors.bins - 1);
  if (!bench.run() || !bench.all_zero()) return failed("bins that the model is not for");
  std::printf("passed: %u pixels, %zu beats refused\n", vectors.pixels, bench.refused);
  return 0;
}
