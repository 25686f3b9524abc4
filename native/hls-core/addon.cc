// The HLS core for JavaScript; src/fpga/hls-core.ts is the only importer.

#include <napi.h>

#include <limits>
#include <memory>
#include <stdexcept>
#include <vector>

#include "../../hls/sim/host_core.h"
#include "workers/typed-arrays.h"

namespace flimd {
namespace {

constexpr std::int64_t kMaxPixels = std::int64_t{1} << 32;

class CoreObject : public Napi::ObjectWrap<CoreObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Core", {InstanceMethod("computeSync", &CoreObject::compute_sync)});
  }

  explicit CoreObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    const Napi::Object object = info[0].ToObject();
    const auto image = typed_array<std::uint32_t>(object, "image", 1);
    try {
      core_ = hls_sim::make_host_core(image.data(), image.size());
    } catch (const std::invalid_argument& error) {
      throw Napi::RangeError::New(info.Env(), error.what());
    }
  }

 private:
  void compute_sync(const Napi::CallbackInfo& info) {
    const Napi::Object job = info[0].ToObject();
    const auto pixels = static_cast<std::size_t>(whole_number(job.Get("pixels"), "pixels", 0, kMaxPixels));
    const auto min_photons = static_cast<std::uint32_t>(
        whole_number(job.Get("minPhotons"), "minPhotons", 0, std::numeric_limits<std::uint32_t>::max()));
    const auto histograms =
        typed_array<std::uint16_t>(job, "histograms", pixels * static_cast<std::size_t>(core_->bins()));
    const auto amplitude = typed_array<std::uint16_t>(job, "lifetimeAmplitude", pixels);
    const auto intensity = typed_array<std::uint16_t>(job, "lifetimeIntensity", pixels);
    const auto amplitude_error = typed_array<std::uint16_t>(job, "standardErrorAmplitude", pixels);
    const auto intensity_error = typed_array<std::uint16_t>(job, "standardErrorIntensity", pixels);
    const auto photons = typed_array<std::uint32_t>(job, "photons", pixels);
    results_.resize(2 * pixels);
    core_->compute(histograms.data(), pixels, min_photons, results_.data());
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
      const std::uint64_t lifetimes = results_[2 * pixel], errors = results_[2 * pixel + 1];
      amplitude[pixel] = static_cast<std::uint16_t>(lifetimes);
      intensity[pixel] = static_cast<std::uint16_t>(lifetimes >> 16);
      photons[pixel] = static_cast<std::uint32_t>(lifetimes >> 32);
      amplitude_error[pixel] = static_cast<std::uint16_t>(errors);
      intensity_error[pixel] = static_cast<std::uint16_t>(errors >> 16);
    }
  }

  std::unique_ptr<hls_sim::HostCore> core_;
  std::vector<std::uint64_t> results_;
};

}  // namespace
}  // namespace flimd

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("Core", flimd::CoreObject::define(env));
  return exports;
}

NODE_API_MODULE(flimd_core, init)
