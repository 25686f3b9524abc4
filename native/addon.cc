// What JavaScript sees; src/lifetime/native.ts, src/link/native.ts and src/service/native.ts are the only importers.

#include <napi.h>

#ifdef FLIMD_LINUX
#include "links/device-file.h"
#endif
#include "links/pty.h"
#ifdef FLIMD_LINUX
#include "service/datagram.h"
#endif
#include "workers/checksum.h"
#include "workers/compute-queue.h"
#include "workers/kernel-object.h"

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new flimd::ComputeQueue(env));
  exports.Set("Kernel", flimd::KernelObject::define(env));
  exports.Set("simdNames", Napi::Function::New(env, flimd::KernelObject::simd_names));
  exports.Set("crc32c", flimd::checksum_function(env));
#ifdef FLIMD_LINUX
  exports.Set("DeviceFile", flimd::DeviceFile::define(env));
  exports.Set("sendDatagram", Napi::Function::New(env, flimd::send_datagram, "sendDatagram"));
#endif
  exports.Set("openPty", Napi::Function::New(env, flimd::open_pty, "openPty"));
  return exports;
}

NODE_API_MODULE(flimd, init)
