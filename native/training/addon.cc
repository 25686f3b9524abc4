// Export table of the training addon: one class, GruEncoder.
#include <napi.h>

#include "gru-encoder.h"

namespace flimd::training {
namespace {

// Lengths are checked here, so that a mistake in TypeScript is an exception and not a stray read.
float* floats(const Napi::Value& value, std::size_t length, const char* name) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array ||
      value.As<Napi::Float32Array>().ElementLength() != length) {
    throw Napi::TypeError::New(value.Env(),
                               std::string(name) + " must be a Float32Array of " + std::to_string(length));
  }
  return value.As<Napi::Float32Array>().Data();
}

class GruEncoderObject : public Napi::ObjectWrap<GruEncoderObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "GruEncoder",
                       {InstanceMethod<&GruEncoderObject::forward>("forward"),
                        InstanceMethod<&GruEncoderObject::backward>("backward"),
                        InstanceAccessor<&GruEncoderObject::simd>("simd")});
  }

  // new GruEncoder(hidden, gates, threads)
  explicit GruEncoderObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<GruEncoderObject>(info), encoder_(shape_of(info), info[2].ToNumber().Int32Value()) {}

 private:
  static GruShape shape_of(const Napi::CallbackInfo& info) {
    const GruShape shape{info[0].ToNumber().Int32Value(), info[1].ToNumber().Int32Value()};
    const int threads = info[2].ToNumber().Int32Value();
    if (shape.hidden < 4 || shape.hidden > kMaxHidden || shape.hidden % 4 != 0 || shape.gates < 1 || threads < 1) {
      throw Napi::RangeError::New(info.Env(), "hidden must be a multiple of 4 up to 64, gates and threads at least 1");
    }
    return shape;
  }

  // forward(kernel [4H][H+2], bias [4H], exponents Int32Array [4H] | null, x [batch][G], u [batch]) → state [batch][H]
  Napi::Value forward(const Napi::CallbackInfo& info) {
    const std::size_t rows = 4 * encoder_.shape().hidden, hidden = encoder_.shape().hidden;
    const std::size_t batch = info[4].As<Napi::Float32Array>().ElementLength();
    GruParameters parameters{floats(info[0], rows * (hidden + 2), "kernel"), floats(info[1], rows, "bias"), nullptr};
    if (!info[2].IsNull()) {
      const auto exponents = info[2].As<Napi::Int32Array>();
      if (exponents.ElementLength() != rows) throw Napi::TypeError::New(info.Env(), "one exponent a row is needed");
      parameters.exponents = exponents.Data();
    }
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
  return exports;
}

}  // namespace
}  // namespace flimd::training

static Napi::Object Init(Napi::Env env, Napi::Object exports) { return flimd::training::initialize(env, exports); }

NODE_API_MODULE(flimd_training, Init)
