#include "workers/checksum.h"

#include "kernels/crc32c.h"

namespace flimd {
namespace {

// Without the C++ wrappers: called once per packet, and the call costs as much as some kilobytes of CRC.
napi_value checksum(napi_env env, napi_callback_info info) {
  std::size_t count = 1;
  napi_value argument = nullptr;
  napi_typedarray_type type{};
  std::size_t length = 0;
  void* bytes = nullptr;
  if (napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr) != napi_ok || count != 1 ||
      napi_get_typedarray_info(env, argument, &type, &length, &bytes, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    napi_throw_type_error(env, nullptr, "crc32c takes one Uint8Array");
    return nullptr;
  }
  napi_value result = nullptr;
  napi_create_uint32(env, crc32c(static_cast<const std::uint8_t*>(bytes), length), &result);
  return result;
}

}  // namespace

Napi::Value checksum_function(Napi::Env env) {
  napi_value function = nullptr;
  napi_create_function(env, "crc32c", NAPI_AUTO_LENGTH, checksum, nullptr, &function);
  return {env, function};
}

}  // namespace flimd
