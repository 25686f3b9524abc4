// A batch through the recurrent encoder of docs/fixed-point.md, forward and backward, for training.
#pragma once

#include <cstdint>
#include <vector>

#include "gru-tile.h"

namespace flimd::training {

// Weights as TF.js holds them: real numbers, row-major.
struct GruParameters {
  const float* kernel;  // [4H][H+2]: recurrent weights, then those of x and u. Columns a row has no use for are ignored.
  const float* bias;    // [4H]
  // [4H] e of every row: weight = integer · 2^-e, bias = integer · 2^-(e+7); nullptr for the float network.
  const int32_t* exponents;
};

// Owns every buffer of a training run: nothing is allocated per step once the batch size is known.
class GruEncoder {
 public:
  GruEncoder(GruShape shape, int threads, const GruKernels& kernels);

  // x [batch][G], u [batch] → state [batch][H], all real. Keeps what `backward` needs, until the next forward.
  void forward(const GruParameters& parameters, const float* x, const float* u, int batch, float* state);

  // Gradient of the final state [batch][H] → of the kernel [4H][H+2] and the bias [4H], for the last forward.
  void backward(const float* state_gradient, float* kernel_gradient, float* bias_gradient);

  const GruShape& shape() const { return shape_; }
  int batch() const { return batch_; }
  const char* simd() const { return kernels_.name; }

 private:
  void lay_out(const GruParameters& parameters);
  void reserve_tiles(int batch);
  GruTile tile(int index);
  template <typename Work>
  void for_each_tile(Work work);
  GruGradients gradients_of(int thread);  // zeroed
  void sum_gradients(const std::vector<GruGradients>& partials, float* kernel_gradient, float* bias_gradient) const;

  GruShape shape_;
  int threads_;
  const GruKernels& kernels_;
  int lanes_;
  GruWeights weights_{};
  bool quantized_ = false;
  int batch_ = 0;
  int tiles_ = 0;
  std::vector<float> recurrent_, recurrent_t_, input_, bias_;
  std::vector<int> shift_;
  std::vector<float> x_, u_, saved_, state_;
  std::vector<std::vector<float>> partials_;
};

}  // namespace flimd::training
