#include "host_core.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "../core/loadable_model.h"

namespace flimd {
namespace hls_sim {
namespace {

// No model and no virtual detector has more.
constexpr int kMaxGates = fixed_point::kMaxGates;
constexpr int kMaxBins = 4096;
// Lanes fill the vectors of the host's processor; turns are of no use to it.
constexpr int kHostLanes = 16;

template <int units>
class LoadedCore final : public HostCore {
 public:
  bool load(const std::uint32_t* image) { return model_->load(image); }
  int bins() const override { return model_->bins; }
  std::uint64_t model_hash() const override { return model_->hash; }

  void compute(const std::uint16_t* histograms, std::size_t pixels, std::uint32_t min_photons,
               std::uint64_t* results) const override {
    const std::uint32_t limit = Block::photon_limit(*model_, min_photons);
    const auto beats = std::make_unique<BlockOfBeats>();
    for (std::size_t first = 0; first < pixels; first += kHostLanes) {
      const std::size_t filled = std::min<std::size_t>(kHostLanes, pixels - first);
      gather(histograms + first * static_cast<std::size_t>(model_->bins), filled, *beats);
      std::uint64_t words[hls_core::kResultWords][kHostLanes];
      Block::compute_block(*model_, model_->bins, limit, beats->words, words);
      for (std::size_t lane = 0; lane < filled; ++lane) {
        results[2 * (first + lane)] = words[0][lane];
        results[2 * (first + lane) + 1] = words[1][lane];
      }
    }
  }

 private:
  using Model = hls_core::LoadableModel<units, units, kMaxGates, kMaxBins>;
  using Size = hls_core::Parallel<kHostLanes, units, 1>;
  using Block = hls_core::Core<Model, Size>;
  struct BlockOfBeats {
    std::uint64_t words[Block::kBeats][kHostLanes];
  };

  void gather(const std::uint16_t* histograms, std::size_t filled, BlockOfBeats& beats) const {
    for (std::size_t lane = 0; lane < kHostLanes; ++lane) {
      for (int beat = 0; beat < hls_core::beats_of(model_->bins); ++beat) {
        std::uint64_t word = 0;
        for (int bin = std::min(model_->bins, 4 * beat + 4) - 1; lane < filled && bin >= 4 * beat; --bin) {
          word = word << 16 | histograms[lane * static_cast<std::size_t>(model_->bins) + static_cast<std::size_t>(bin)];
        }
        beats.words[beat][lane] = word;
      }
    }
  }

  // Too large for a stack.
  std::unique_ptr<Model> model_ = std::make_unique<Model>();
};

template <int units>
std::unique_ptr<HostCore> loaded(const std::uint32_t* image) {
  auto core = std::make_unique<LoadedCore<units>>();
  if (!core->load(image)) throw std::invalid_argument("header, shifts or gates of the image are not those of a model");
  return core;
}

}  // namespace

std::unique_ptr<HostCore> make_host_core(const std::uint32_t* image, std::size_t words) {
  // As the core's own memory: what the image does not reach is 0.
  std::vector<std::uint32_t> memory(hls_core::kImageWords);
  std::copy(image, image + std::min(words, memory.size()), memory.begin());
  switch (memory[2] & 0xffff) {
    case 16: return loaded<16>(memory.data());
    case 32: return loaded<32>(memory.data());
    case 64: return loaded<64>(memory.data());
    default: throw std::invalid_argument("the image is not for a core of 16, 32 or 64 units");
  }
}

}  // namespace hls_sim
}  // namespace flimd
