// A DeviceThread as JavaScript sees it.
#pragma once

#include <napi.h>

#include <memory>

#include "links/device-thread.h"

namespace flimd {

class DeviceFile : public Napi::ObjectWrap<DeviceFile> {
 public:
  static Napi::Function define(Napi::Env env);
  // (path, flags, buffers, bufferBytes, done(id, result)); done(undefined) is the last call, when the thread has ended.
  explicit DeviceFile(const Napi::CallbackInfo& info);

 private:
  Napi::Value buffers(const Napi::CallbackInfo& info);
  void submit(const Napi::CallbackInfo& info);
  void interrupt(const Napi::CallbackInfo& info);
  Napi::Value load(const Napi::CallbackInfo& info);
  void store(const Napi::CallbackInfo& info);
  volatile std::uint32_t* register_at(const Napi::CallbackInfo& info) const;

  std::shared_ptr<DeviceThread> thread_;
};

}  // namespace flimd
