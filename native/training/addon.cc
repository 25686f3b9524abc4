// Export table of the training addon: the class GruLayer, and the instruction sets it can use here.
#include <napi.h>

#include <algorithm>
#include <string>

#include "gru-layer.h"

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

class GruLayerObject : public Napi::ObjectWrap<GruLayerObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "GruLayer",
                       {InstanceMethod<&GruLayerObject::forward>("forward"),
                        InstanceMethod<&GruLayerObject::backward>("backward"),
                        InstanceAccessor<&GruLayerObject::simd>("simd")});
  }

  // new GruLayer({hidden, steps, stepped, constants, sequence}, threads, simd = the fastest)
  explicit GruLayerObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<GruLayerObject>(info),
        layer_(shape_of(info), info[0].ToObject().Get("sequence").ToBoolean(), info[1].ToNumber().Int32Value(),
               kernels_of(info)) {}

 private:
  static GruShape shape_of(const Napi::CallbackInfo& info) {
    const Napi::Object wanted = info[0].ToObject();
    const auto number = [&](const char* name) { return wanted.Get(name).ToNumber().Int32Value(); };
    const GruShape shape{number("hidden"), number("steps"), wanted.Get("stepped").ToBoolean(), number("constants")};
    if (shape.hidden < 4 || shape.hidden > kMaxHidden || shape.hidden % 4 != 0) {
      throw Napi::RangeError::New(info.Env(), "hidden must be a multiple of 4 up to " + std::to_string(kMaxHidden));
    }
    if (shape.steps < 1 || shape.constants < 0 || info[1].ToNumber().Int32Value() < 1) {
      throw Napi::RangeError::New(info.Env(), "steps and threads must be at least 1, constants at least 0");
    }
    return shape;
  }

  static const GruKernels& kernels_of(const Napi::CallbackInfo& info) {
    const auto kernels = supported_kernels();
    if (info[2].IsUndefined()) return *kernels.front();
    const std::string name = info[2].ToString();
    const auto wanted = [&](const GruKernels* candidate) { return name == candidate->name; };
    const auto found = std::find_if(kernels.begin(), kernels.end(), wanted);
    if (found == kernels.end()) throw Napi::RangeError::New(info.Env(), "this processor has no " + name);
    return **found;
  }

  std::size_t rows() const { return 4 * layer_.shape().hidden; }
  std::size_t kernel_size() const { return rows() * layer_.columns(); }
  std::size_t output_size(std::size_t batch) const {
    return batch * layer_.shape().hidden * (layer_.sequence() ? layer_.shape().steps : 1);
  }

  // forward(batch, kernel [4H][columns], bias [4H], exponents Int32Array [4H] | null, x [batch][T], constants [batch][K])
  // → the output
  Napi::Value forward(const Napi::CallbackInfo& info) {
    const GruShape& shape = layer_.shape();
    const std::size_t batch = info[0].ToNumber().Uint32Value();
    const GruParameters parameters{floats(info[1], kernel_size(), "kernel"), floats(info[2], rows(), "bias"),
                                   exponents_of(info[3], rows())};
    if (parameters.exponents != nullptr && (shape.hidden > kMaxQuantizedHidden || !exact_constants())) {
      throw Napi::RangeError::New(info.Env(), "a quantized layer has at most " + std::to_string(kMaxQuantizedHidden) +
                                                  " units and constant inputs");
    }
    const float* x = floats(info[4], shape.stepped ? batch * shape.steps : 0, "x");
    const float* constants = floats(info[5], batch * shape.constants, "constants");
    auto output = Napi::Float32Array::New(info.Env(), output_size(batch));
    layer_.forward(parameters, x, constants, static_cast<int>(batch), output.Data());
    return output;
  }

  bool exact_constants() const { return layer_.shape().constants <= kMaxQuantizedHidden; }

  // backward(gradient of the output, out kernel gradient, out bias gradient, out gradient of the constants | null)
  void backward(const Napi::CallbackInfo& info) {
    const std::size_t batch = layer_.batch(), constants = layer_.shape().constants;
    const float* output_gradient = floats(info[0], output_size(batch), "gradient of the output");
    float* constant_gradient = nullptr;
    if (!info[3].IsNull()) {
      if (constants % 4 != 0) throw Napi::RangeError::New(info.Env(), "constants with a gradient come in fours");
      constant_gradient = floats(info[3], batch * constants, "gradient of the constants");
    }
    layer_.backward(output_gradient, floats(info[1], kernel_size(), "kernel gradient"),
                    floats(info[2], rows(), "bias gradient"), constant_gradient);
  }

  Napi::Value simd(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), layer_.simd()); }

  GruLayer layer_;
};

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("GruLayer", GruLayerObject::define(env));
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
