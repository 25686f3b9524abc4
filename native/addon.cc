// What JavaScript sees; src/lifetime/native.ts and src/link/native.ts are the only importers.

#include <napi.h>

#ifdef FLIMD_DEVICE_FILES
#include "links/device-file.h"
#endif
#include "links/pty.h"
#include "workers/checksum.h"
#include "workers/compute-queue.h"
#include "workers/kernel-object.h"

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new flimd::ComputeQueue(env));
  exports.Set("Kernel", flimd::KernelObject::define(env));
  exports.Set("simdNames", Napi::Function::New(env, flimd::KernelObject::simd_names));
  exports.Set("crc32c", flimd::checksum_function(env));
#ifdef FLIMD_DEVICE_FILES
  exports.Set("DeviceFile", flimd::DeviceFile::define(env));
#endif
  exports.Set("openPty", Napi::Function::New(env, flimd::open_pty, "openPty"));
  return exports;
}

NODE_API_MODULE(flimd, init)
