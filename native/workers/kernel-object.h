// The JavaScript class `Kernel`: new Kernel(network, plan, simd), compute(job, threads), computeSync(job), simd.
#pragma once

#include <napi.h>

#include <memory>

#include "kernels/lifetime-kernel.h"

namespace flimd {

class KernelObject : public Napi::ObjectWrap<KernelObject> {
 public:
  static Napi::Function define(Napi::Env env);
  // Names of the kernels that this machine can run, fastest first.
  static Napi::Value simd_names(const Napi::CallbackInfo& info);

  explicit KernelObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value compute(const Napi::CallbackInfo& info);
  void compute_sync(const Napi::CallbackInfo& info);
  Napi::Value simd(const Napi::CallbackInfo& info);
  LifetimeJob read_job(const Napi::Object& object) const;

  std::shared_ptr<const LifetimeKernel> kernel_;
  std::size_t bins_ = 0;
};

}  // namespace flimd
