#include "gru-encoder.h"

#include <algorithm>
#include <cmath>
#include <thread>

namespace flimd::training {
namespace {

// docs/fixed-point.md §2: accumulators are in units 2^-(e+7), pre-activations in 2^-12.
constexpr int kInputFractionBits = 7;
constexpr int kShiftOfExponent = -5;

// Lane-innermost tiles and row-major samples into each other; missing samples of the last tile are zeros.
void gather_lanes(const float* samples, int count, int columns, int lanes, float* tile) {
  for (int column = 0; column < columns; ++column) {
    for (int lane = 0; lane < lanes; ++lane) {
      tile[column * lanes + lane] = lane < count ? samples[lane * columns + column] : 0.0f;
    }
  }
}

void scatter_lanes(const float* tile, int count, int columns, int lanes, float* samples) {
  for (int lane = 0; lane < count; ++lane) {
    for (int column = 0; column < columns; ++column) {
      samples[lane * columns + column] = tile[column * lanes + lane];
    }
  }
}

float sum_lanes(const float* values, int lanes) {
  float sum = 0;
  for (int lane = 0; lane < lanes; ++lane) sum += values[lane];
  return sum;
}

}  // namespace

GruEncoder::GruEncoder(GruShape shape, int threads, const GruKernels& kernels)
    : shape_(shape), threads_(threads), kernels_(kernels), lanes_(kernels.lanes), partials_(threads) {
  const int hidden = shape.hidden;
  recurrent_.resize(3 * hidden * hidden);
  recurrent_t_.resize(3 * hidden * hidden);
  input_.resize(4 * hidden * 2);
  bias_.resize(4 * hidden);
  shift_.resize(4 * hidden);
}

void GruEncoder::lay_out(const GruParameters& parameters) {
  const int hidden = shape_.hidden, columns = hidden + 2;
  quantized_ = parameters.exponents != nullptr;
  for (int row = 0; row < 4 * hidden; ++row) {
    const float* real = parameters.kernel + row * columns;
    const int exponent = quantized_ ? parameters.exponents[row] : 0;
    const auto scaled = [&](float value) { return quantized_ ? std::ldexp(value, exponent) : value; };
    if (row < 3 * hidden) {
      for (int i = 0; i < hidden; ++i) {
        recurrent_[row * hidden + i] = scaled(real[i]);
        recurrent_t_[i * 3 * hidden + row] = real[i];
      }
    }
    const bool takes_input = row / hidden != 2;
    input_[2 * row] = takes_input ? scaled(real[hidden]) : 0.0f;
    input_[2 * row + 1] = takes_input ? scaled(real[hidden + 1]) : 0.0f;
    const float bias = parameters.bias[row];
    bias_[row] = quantized_ ? std::ldexp(bias, exponent + kInputFractionBits) : bias;
    shift_[row] = exponent + kShiftOfExponent;
  }
  weights_ = {recurrent_.data(), recurrent_t_.data(), input_.data(), bias_.data(),
              quantized_ ? shift_.data() : nullptr};
}

void GruEncoder::reserve_tiles(int batch) {
  batch_ = batch;
  tiles_ = (batch + lanes_ - 1) / lanes_;
  const std::size_t lanes = static_cast<std::size_t>(tiles_) * lanes_;
  x_.resize(lanes * shape_.gates);
  u_.resize(lanes);
  state_.resize(lanes * shape_.hidden);
  saved_.resize(lanes * shape_.gates * kSavedPlanes * shape_.hidden);
}

GruTile GruEncoder::tile(int index) {
  const std::size_t lanes = static_cast<std::size_t>(index) * lanes_;
  return {x_.data() + lanes * shape_.gates, u_.data() + lanes,
          saved_.data() + lanes * shape_.gates * kSavedPlanes * shape_.hidden, state_.data() + lanes * shape_.hidden};
}

// Tiles are dealt to threads by their number alone, so that sums come out the same in every run.
template <typename Work>
void GruEncoder::for_each_tile(Work work) {
  const auto share = [&](int thread) {
    for (int index = thread; index < tiles_; index += threads_) {
      work(thread, tile(index), index * lanes_, std::min(lanes_, batch_ - index * lanes_));
    }
  };
  std::vector<std::thread> helpers;
  for (int thread = 1; thread < threads_; ++thread) helpers.emplace_back(share, thread);
  share(0);
  for (std::thread& helper : helpers) helper.join();
}

void GruEncoder::forward(const GruParameters& parameters, const float* x, const float* u, int batch, float* state) {
  lay_out(parameters);
  reserve_tiles(batch);
  const auto kernel = quantized_ ? kernels_.forward_quantized : kernels_.forward_float;
  for_each_tile([&](int, const GruTile& tile, int first, int count) {
    gather_lanes(x + first * shape_.gates, count, shape_.gates, lanes_, tile.x);
    gather_lanes(u + first, count, 1, lanes_, tile.u);
    kernel(shape_, weights_, tile);
    scatter_lanes(tile.state, count, shape_.hidden, lanes_, state + first * shape_.hidden);
  });
}

GruGradients GruEncoder::gradients_of(int thread) {
  const std::size_t hidden = shape_.hidden, gates = shape_.gates, lanes = lanes_;
  const std::size_t recurrent = 3 * hidden * hidden * lanes, input = 8 * hidden * lanes, bias = 4 * hidden * lanes;
  std::vector<float>& buffer = partials_[thread];
  buffer.resize(recurrent + input + bias + gates * 5 * hidden * lanes);
  float* at = buffer.data();
  GruGradients gradients{};
  gradients.recurrent = at;
  gradients.input = at += recurrent;
  gradients.bias = at += input;
  gradients.row_gradients = at += bias;
  gradients.dot_states = at + gates * 4 * hidden * lanes;
  std::fill(gradients.recurrent, gradients.row_gradients, 0.0f);
  return gradients;
}

void GruEncoder::backward(const float* state_gradient, float* kernel_gradient, float* bias_gradient) {
  const auto kernel = quantized_ ? kernels_.backward_quantized : kernels_.backward_float;
  std::vector<GruGradients> gradients;
  for (int thread = 0; thread < threads_; ++thread) gradients.push_back(gradients_of(thread));
  for_each_tile([&](int thread, const GruTile& tile, int first, int count) {
    gather_lanes(state_gradient + first * shape_.hidden, count, shape_.hidden, lanes_, tile.state);
    kernel(shape_, weights_, tile, gradients[thread]);
  });
  sum_gradients(gradients, kernel_gradient, bias_gradient);
}

void GruEncoder::sum_gradients(const std::vector<GruGradients>& partials, float* kernel_gradient,
                               float* bias_gradient) const {
  const int hidden = shape_.hidden, columns = hidden + 2;
  std::fill(kernel_gradient, kernel_gradient + 4 * hidden * columns, 0.0f);
  std::fill(bias_gradient, bias_gradient + 4 * hidden, 0.0f);
  for (const GruGradients& partial : partials) {
    for (int row = 0; row < 4 * hidden; ++row) {
      float* kernel = kernel_gradient + row * columns;
      for (int i = 0; row < 3 * hidden && i < hidden; ++i) {
        kernel[i] += sum_lanes(partial.recurrent + (row * hidden + i) * lanes_, lanes_);
      }
      if (row / hidden != 2) {
        kernel[hidden] += sum_lanes(partial.input + 2 * row * lanes_, lanes_);
        kernel[hidden + 1] += sum_lanes(partial.input + (2 * row + 1) * lanes_, lanes_);
      }
      bias_gradient[row] += sum_lanes(partial.bias + row * lanes_, lanes_);
    }
  }
}

}  // namespace flimd::training
