#include "workers/kernel-object.h"

#include <algorithm>
#include <limits>
#include <string>

#include "kernels/kernel-dispatch.h"
#include "workers/compute-queue.h"
#include "workers/network-reader.h"
#include "workers/typed-arrays.h"

namespace flimd {
namespace {

constexpr std::int64_t kMaxPixels = std::int64_t{1} << 32;
constexpr std::int64_t kMaxThreads = 256;

const char* simd_name(Simd simd) {
  switch (simd) {
    case Simd::kAvx512Vnni: return "avx512vnni";
    case Simd::kAvx2: return "avx2";
    default: return "scalar";
  }
}

Simd simd_by_name(const Napi::Value& name) {
  for (const Simd simd : supported_simd()) {
    if (name.IsString() && name.As<Napi::String>().Utf8Value() == simd_name(simd)) return simd;
  }
  throw Napi::RangeError::New(name.Env(), "this machine has no such kernel");
}

}  // namespace

Napi::Function KernelObject::define(Napi::Env env) {
  return DefineClass(env, "Kernel",
                     {InstanceMethod("compute", &KernelObject::compute),
                      InstanceMethod("computeSync", &KernelObject::compute_sync),
                      InstanceAccessor<&KernelObject::simd>("simd")});
}

Napi::Value KernelObject::simd_names(const Napi::CallbackInfo& info) {
  Napi::Array names = Napi::Array::New(info.Env());
  for (const Simd simd : supported_simd()) names.Set(names.Length(), simd_name(simd));
  return names;
}

KernelObject::KernelObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const Network network = read_network(info[0].ToObject());
  const GatePlan plan = read_gate_plan(info[1].ToObject(), network.gates);
  kernel_ = make_kernel(simd_by_name(info[2]), network, plan);
  bins_ = static_cast<std::size_t>(plan.bins);
}

LifetimeJob KernelObject::read_job(const Napi::Object& object) const {
  LifetimeJob job;
  job.pixels = static_cast<std::size_t>(whole_number(object.Get("pixels"), "pixels", 0, kMaxPixels));
  job.min_photons = static_cast<std::uint32_t>(
      whole_number(object.Get("minPhotons"), "minPhotons", 0, std::numeric_limits<std::uint32_t>::max()));
  job.histograms = typed_array<std::uint16_t>(object, "histograms", job.pixels * bins_).data();
  job.lifetime_amplitude = typed_array<std::uint16_t>(object, "lifetimeAmplitude", job.pixels).data();
  job.lifetime_intensity = typed_array<std::uint16_t>(object, "lifetimeIntensity", job.pixels).data();
  job.standard_error_amplitude = typed_array<std::uint16_t>(object, "standardErrorAmplitude", job.pixels).data();
  job.standard_error_intensity = typed_array<std::uint16_t>(object, "standardErrorIntensity", job.pixels).data();
  job.photons = typed_array<std::uint32_t>(object, "photons", job.pixels).data();
  const Napi::Value rows_valid = object.Get("rowsValid");
  if (rows_valid.IsUndefined() || rows_valid.IsNull()) return job;
  job.width = static_cast<std::size_t>(whole_number(object.Get("width"), "width", 1, kMaxPixels));
  const std::size_t rows = (job.pixels + job.width - 1) / job.width;
  job.rows_valid = typed_array<std::uint8_t>(object, "rowsValid", rows).data();
  return job;
}

Napi::Value KernelObject::simd(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), simd_name(kernel_->simd()));
}

Napi::Value KernelObject::compute(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Object object = info[0].ToObject();
  const LifetimeJob job = read_job(object);
  const auto threads = static_cast<std::size_t>(whole_number(info[1], "threads", 1, kMaxThreads));
  // An array of its own, so that nobody can take the typed arrays out of it while the job runs.
  Napi::Array arrays = Napi::Array::New(env);
  for (const char* name : {"histograms", "lifetimeAmplitude", "lifetimeIntensity", "standardErrorAmplitude",
                           "standardErrorIntensity", "photons", "rowsValid"}) {
    arrays.Set(arrays.Length(), object.Get(name));
  }
  return env.GetInstanceData<ComputeQueue>()->start(env, kernel_, job, arrays, threads);
}

void KernelObject::compute_sync(const Napi::CallbackInfo& info) {
  const LifetimeJob job = read_job(info[0].ToObject());
  kernel_->compute(job, 0, job.pixels);
}

}  // namespace flimd
