// The HLS core compiled for the host, with a model loaded at run time: what a virtual device computes with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace flimd {
namespace hls_sim {

class HostCore {
 public:
  virtual ~HostCore() = default;
  // Of the detector that the image was made for.
  virtual int bins() const = 0;
  virtual std::uint64_t model_hash() const = 0;
  // histograms [pixel][bin]; results [pixel][2] as in hls/top/flimd_core.h.
  virtual void compute(const std::uint16_t* histograms, std::size_t pixels, std::uint32_t min_photons,
                       std::uint64_t* results) const = 0;
};

// The core with 16, 32 or 64 units whose shape the image has, the image loaded. Throws std::invalid_argument for one that
// the core refuses.
std::unique_ptr<HostCore> make_host_core(const std::uint32_t* image, std::size_t words);

}  // namespace hls_sim
}  // namespace flimd
