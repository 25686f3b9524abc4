// Export table of the training addon: the class GruEncoder, and the instruction sets it can use here.
#include <napi.h>

#include <algorithm>
#include <string>

#include "gru-encoder.h"

namespace flimd::training {
namespace {

// Types and lengths are checked here, so that a mistake in TypeScript is an exception and not a stray read.
template <typename Array, napi_typedarray_type kType>
auto* elements(const Napi::Value& value, std::size_t length, const char* what) {
  const bool fits = value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == kType &&
                    value.As<Array>().ElementLength() == length;
  if (!fits) throw Napi::TypeError::New(value.Env(), what + (" of " + std::to_string(length)));
  return value.As<Array>().Data();
}

float* floats(const Napi::Value& value, std::size_t length, const std::string& name) {
  return elements<Napi::Float32Array, napi_float32_array>(value, length, (name + " must be a Float32Array").c_str());
}

const int32_t* exponents_of(const Napi::Value& value, std::size_t rows) {
  if (value.IsNull()) return nullptr;
  return elements<Napi::Int32Array, napi_int32_array>(value, rows, "exponents must be an Int32Array");
}

class GruEncoderObject : public Napi::ObjectWrap<GruEncoderObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "GruEncoder",
                       {InstanceMethod<&GruEncoderObject::forward>("forward"),
                        InstanceMethod<&GruEncoderObject::backward>("backward"),
                        InstanceAccessor<&GruEncoderObject::simd>("simd")});
  }

  // new GruEncoder(hidden, gates, threads, simd = the fastest)
  explicit GruEncoderObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<GruEncoderObject>(info),
        encoder_(shape_of(info), info[2].ToNumber().Int32Value(), kernels_of(info)) {}

 private:
  static GruShape shape_of(const Napi::CallbackInfo& info) {
    const GruShape shape{info[0].ToNumber().Int32Value(), info[1].ToNumber().Int32Value()};
    const int threads = info[2].ToNumber().Int32Value();
    if (shape.hidden < 4 || shape.hidden > kMaxHidden || shape.hidden % 4 != 0 || shape.gates < 1 || threads < 1) {
      throw Napi::RangeError::New(info.Env(), "hidden must be a multiple of 4 up to 64, gates and threads at least 1");
    }
    return shape;
  }

  static const GruKernels& kernels_of(const Napi::CallbackInfo& info) {
    const auto kernels = supported_kernels();
    if (info[3].IsUndefined()) return *kernels.front();
    const std::string name = info[3].ToString();
    const auto wanted = [&](const GruKernels* candidate) { return name == candidate->name; };
    const auto found = std::find_if(kernels.begin(), kernels.end(), wanted);
    if (found == kernels.end()) throw Napi::RangeError::New(info.Env(), "this processor has no " + name);
    return **found;
  }

  // forward(kernel [4H][H+2], bias [4H], exponents Int32Array [4H] | null, x [batch][G], u [batch]) → state [batch][H]
  Napi::Value forward(const Napi::CallbackInfo& info) {
    const std::size_t rows = 4 * encoder_.shape().hidden, hidden = encoder_.shape().hidden;
    const std::size_t batch = info[4].IsTypedArray() ? info[4].As<Napi::TypedArray>().ElementLength() : 0;
    const GruParameters parameters{floats(info[0], rows * (hidden + 2), "kernel"), floats(info[1], rows, "bias"),
                                   exponents_of(info[2], rows)};
    const float* x = floats(info[3], batch * encoder_.shape().gates, "x");
    auto state = Napi::Float32Array::New(info.Env(), batch * hidden);
    encoder_.forward(parameters, x, floats(info[4], batch, "u"), static_cast<int>(batch), state.Data());
    return state;
  }

  // backward(gradient of the state [batch][H], out kernel gradient [4H][H+2], out bias gradient [4H])
  void backward(const Napi::CallbackInfo& info) {
    const std::size_t rows = 4 * encoder_.shape().hidden, hidden = encoder_.shape().hidden;
    const float* state_gradient = floats(info[0], encoder_.batch() * hidden, "state gradient");
    encoder_.backward(state_gradient, floats(info[1], rows * (hidden + 2), "kernel gradient"),
                      floats(info[2], rows, "bias gradient"));
  }

  Napi::Value simd(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), encoder_.simd()); }

  GruEncoder encoder_;
};

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("GruEncoder", GruEncoderObject::define(env));
  const auto kernels = supported_kernels();
  const auto names = Napi::Array::New(env, kernels.size());
  for (std::size_t i = 0; i < kernels.size(); ++i) names.Set(i, kernels[i]->name);
  exports.Set("simd", names);
  return exports;
}

}  // namespace
}  // namespace flimd::training

static Napi::Object Init(Napi::Env env, Napi::Object exports) { return flimd::training::initialize(env, exports); }

NODE_API_MODULE(flimd_training, Init)
