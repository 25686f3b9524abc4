// The JavaScript function openPty(): {master, slave, path}.
#pragma once

#include <napi.h>

namespace flimd {

Napi::Value open_pty(const Napi::CallbackInfo& info);

}  // namespace flimd
