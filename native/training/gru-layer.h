// A batch through a recurrent layer, forward and backward, for training: the encoder of docs/fixed-point.md, and the
// decoder, whose inputs are the same in every step.
#pragma once

#include <cstdint>
#include <vector>

#include "gru-tile.h"

namespace flimd::training {

// Weights as TF.js holds them: real numbers, row-major.
struct GruParameters {
  // [4H][H+S+K]: weights of the state, of x (S = 1 where there is one, else 0) and of the constant inputs. Columns a
  // row has no use for are ignored.
  const float* kernel;
  const float* bias;  // [4H]
  // [4H] e of every row: weight = integer · 2^-e, bias = integer · 2^-(e+7); nullptr for the float network.
  const int32_t* exponents;
};

// Owns every buffer of a training run: nothing is allocated per step once the batch size is known.
class GruLayer {
 public:
  // `sequence`: the output is the state after every step, not only after the last.
  GruLayer(GruShape shape, bool sequence, int threads, const GruKernels& kernels);

  // x [batch][T] (ignored where the shape has none), constants [batch][K] → output [batch]([T])[H], all real. Keeps
  // what `backward` needs, until the next forward.
  void forward(const GruParameters& parameters, const float* x, const float* constants, int batch, float* output);

  // Gradient of the output → of the kernel, of the bias, and of the constant inputs [batch][K] unless that is
  // nullptr; for the last forward.
  void backward(const float* output_gradient, float* kernel_gradient, float* bias_gradient, float* constant_gradient);

  const GruShape& shape() const { return shape_; }
  bool sequence() const { return sequence_; }
  int columns() const { return shape_.hidden + (shape_.stepped ? 1 : 0) + shape_.constants; }
  int batch() const { return batch_; }
  const char* simd() const { return kernels_.name; }

 private:
  void lay_out(const GruParameters& parameters);
  void reserve_tiles(int batch);
  GruTile tile(int index);
  template <typename Work>
  void for_each_tile(Work work);
  void write_output(const GruTile& tile, int count, float* output) const;
  GruScratch scratch_of(int thread);
  GruGradients gradients_of(int thread);  // zeroed
  float* outside_of(int thread);
  void sum_gradients(const std::vector<GruGradients>& partials, float* kernel_gradient, float* bias_gradient) const;

  GruShape shape_;
  bool sequence_;
  int threads_;
  const GruKernels& kernels_;
  int lanes_;
  GruWeights weights_{};
  bool quantized_ = false;
  int batch_ = 0;
  int tiles_ = 0;
  std::vector<float> recurrent_, recurrent_t_, step_, constant_, constant_t_, bias_;
  std::vector<int> shift_;
  std::vector<float> x_, constants_, saved_, state_;
  std::vector<std::vector<float>> scratch_, partials_, outside_;
};

}  // namespace flimd::training
