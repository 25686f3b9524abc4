// Reading the objects that src/lifetime/native.ts passes. It has checked them; these checks keep memory safe.
#pragma once

#include <napi.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace flimd {

template <class T>
constexpr napi_typedarray_type typed_array_type();
template <>
constexpr napi_typedarray_type typed_array_type<std::int8_t>() {
  return napi_int8_array;
}
template <>
constexpr napi_typedarray_type typed_array_type<std::uint8_t>() {
  return napi_uint8_array;
}
template <>
constexpr napi_typedarray_type typed_array_type<std::uint16_t>() {
  return napi_uint16_array;
}
template <>
constexpr napi_typedarray_type typed_array_type<std::int32_t>() {
  return napi_int32_array;
}
template <>
constexpr napi_typedarray_type typed_array_type<std::uint32_t>() {
  return napi_uint32_array;
}

// The elements of a typed array; it may lie on a SharedArrayBuffer. Valid while the array is.
template <class T>
std::span<T> typed_array(const Napi::Object& object, const char* name, std::size_t least_length) {
  const Napi::Value value = object.Get(name);
  napi_typedarray_type type{};
  std::size_t length = 0;
  void* data = nullptr;
  if (!value.IsTypedArray() || napi_get_typedarray_info(object.Env(), value, &type, &length, &data, nullptr,
                                                        nullptr) != napi_ok) {
    throw Napi::TypeError::New(object.Env(), std::string(name) + " is no typed array");
  }
  if (type != typed_array_type<T>()) {
    throw Napi::TypeError::New(object.Env(), std::string(name) + " has the wrong element type");
  }
  if (length < least_length) throw Napi::RangeError::New(object.Env(), std::string(name) + " is too short");
  return {static_cast<T*>(data), length};
}

// A copy of exactly `length` elements.
template <class T>
std::vector<T> copied_array(const Napi::Object& object, const char* name, std::size_t length) {
  const std::span<T> elements = typed_array<T>(object, name, length);
  return {elements.begin(), elements.begin() + static_cast<std::ptrdiff_t>(length)};
}

// A whole number from `low` to `high`.
inline std::int64_t whole_number(const Napi::Value& value, const char* name, std::int64_t low, std::int64_t high) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : low - 1.0;
  if (!(number >= static_cast<double>(low) && number <= static_cast<double>(high))) {
    throw Napi::RangeError::New(value.Env(), std::string(name) + " is out of range");
  }
  return static_cast<std::int64_t>(number);
}

}  // namespace flimd
