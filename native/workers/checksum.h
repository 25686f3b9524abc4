// The JavaScript function crc32c(bytes: Uint8Array): number.
#pragma once

#include <napi.h>

namespace flimd {

Napi::Value checksum_function(Napi::Env env);

}  // namespace flimd
