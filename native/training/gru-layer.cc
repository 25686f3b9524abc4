#include "gru-layer.h"

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

// `stride`: from one sample to the next.
void scatter_lanes(const float* tile, int count, int columns, int lanes, float* samples, int stride) {
  for (int lane = 0; lane < count; ++lane) {
    for (int column = 0; column < columns; ++column) samples[lane * stride + column] = tile[column * lanes + lane];
  }
}

float sum_lanes(const float* values, int lanes) {
  float sum = 0;
  for (int lane = 0; lane < lanes; ++lane) sum += values[lane];
  return sum;
}

// Deals out parts of a buffer, one after another.
class Carver {
 public:
  explicit Carver(float* at) : at_(at) {}
  float* take(std::size_t floats) {
    float* const part = at_;
    at_ += floats;
    return part;
  }

 private:
  float* at_;
};

}  // namespace

GruLayer::GruLayer(GruShape shape, bool sequence, int threads, const GruKernels& kernels)
    : shape_(shape),
      sequence_(sequence),
      threads_(threads),
      kernels_(kernels),
      lanes_(kernels.lanes),
      scratch_(threads),
      partials_(threads),
      outside_(threads) {
  const int hidden = shape.hidden;
  recurrent_.resize(3 * hidden * hidden);
  recurrent_t_.resize(3 * hidden * hidden);
  step_.resize(4 * hidden);
  constant_.resize(4 * hidden * shape.constants);
  constant_t_.resize(4 * hidden * shape.constants);
  bias_.resize(4 * hidden);
  shift_.resize(4 * hidden);
}

void GruLayer::lay_out(const GruParameters& parameters) {
  const int hidden = shape_.hidden, first_constant = columns() - shape_.constants;
  quantized_ = parameters.exponents != nullptr;
  for (int row = 0; row < 4 * hidden; ++row) {
    const float* real = parameters.kernel + row * columns();
    const int exponent = quantized_ ? parameters.exponents[row] : 0;
    const float unit = std::ldexp(1.0f, exponent);
    for (int i = 0; row < 3 * hidden && i < hidden; ++i) {
      recurrent_[row * hidden + i] = real[i] * unit;
      recurrent_t_[i * 3 * hidden + row] = real[i];
    }
    const bool takes_input = row / hidden != 2;
    step_[row] = takes_input && shape_.stepped ? real[hidden] * unit : 0.0f;
    for (int i = 0; i < shape_.constants; ++i) {
      const float weight = takes_input ? real[first_constant + i] : 0.0f;
      constant_[row * shape_.constants + i] = weight * unit;
      constant_t_[i * 4 * hidden + row] = weight;
    }
    bias_[row] = quantized_ ? std::ldexp(parameters.bias[row], exponent + kInputFractionBits) : parameters.bias[row];
    shift_[row] = exponent + kShiftOfExponent;
  }
  weights_ = {recurrent_.data(),  recurrent_t_.data(), step_.data(), constant_.data(),
              constant_t_.data(), bias_.data(),        quantized_ ? shift_.data() : nullptr};
}

void GruLayer::reserve_tiles(int batch) {
  batch_ = batch;
  tiles_ = (batch + lanes_ - 1) / lanes_;
  const std::size_t lanes = static_cast<std::size_t>(tiles_) * lanes_;
  x_.resize(lanes * shape_.steps);
  constants_.resize(lanes * shape_.constants);
  state_.resize(lanes * shape_.hidden);
  saved_.resize(lanes * shape_.steps * kSavedPlanes * shape_.hidden);
  // Here and not in the threads, where running out of memory would end the process.
  for (int thread = 0; thread < threads_; ++thread) {
    scratch_of(thread);
    outside_of(thread);
  }
}

GruTile GruLayer::tile(int index) {
  const std::size_t lanes = static_cast<std::size_t>(index) * lanes_;
  return {x_.data() + lanes * shape_.steps, constants_.data() + lanes * shape_.constants,
          saved_.data() + lanes * shape_.steps * kSavedPlanes * shape_.hidden, state_.data() + lanes * shape_.hidden};
}

// Tiles are dealt to threads by their number alone, so that sums come out the same in every run.
template <typename Work>
void GruLayer::for_each_tile(Work work) {
  const auto share = [&](int thread) {
    for (int index = thread; index < tiles_; index += threads_) {
      work(thread, tile(index), index * lanes_, std::min(lanes_, batch_ - index * lanes_));
    }
  };
  // Joined whatever happens: a thread that outlives its object ends the process.
  struct Helpers : std::vector<std::thread> {
    ~Helpers() {
      for (std::thread& helper : *this) helper.join();
    }
  } helpers;
  for (int thread = 1; thread < threads_; ++thread) helpers.emplace_back(share, thread);
  share(0);
}

GruScratch GruLayer::scratch_of(int thread) {
  const std::size_t hidden = shape_.hidden, steps = shape_.steps, lanes = lanes_;
  const std::size_t padded = kernels_.padded(shape_.hidden), constants = kernels_.padded(shape_.constants);
  std::vector<float>& buffer = scratch_[thread];
  buffer.resize(lanes * (10 * hidden + 4 * steps * hidden + steps * padded + constants));
  Carver carver(buffer.data());
  GruScratch scratch{};
  scratch.sums = carver.take(4 * hidden * lanes);
  scratch.base = carver.take(4 * hidden * lanes);
  scratch.operands = carver.take(hidden * lanes);
  scratch.state_gradient = carver.take(hidden * lanes);
  scratch.row_gradients = carver.take(steps * 4 * hidden * lanes);
  scratch.operands_t = carver.take(steps * lanes * padded);
  scratch.constants_t = carver.take(lanes * constants);
  return scratch;
}

void GruLayer::write_output(const GruTile& tile, int count, float* output) const {
  const int hidden = shape_.hidden, plane = hidden * lanes_;
  if (!sequence_) return scatter_lanes(tile.state, count, hidden, lanes_, output, hidden);
  for (int step = 0; step < shape_.steps; ++step) {
    // The state after a step is kept as the state before the next.
    const bool last = step == shape_.steps - 1;
    const float* state = last ? tile.state : tile.saved + (kSavedPlanes * (step + 1) + kSavedPlanes - 1) * plane;
    scatter_lanes(state, count, hidden, lanes_, output + step * hidden, shape_.steps * hidden);
  }
}

void GruLayer::forward(const GruParameters& parameters, const float* x, const float* constants, int batch,
                       float* output) {
  lay_out(parameters);
  reserve_tiles(batch);
  const auto kernel = quantized_ ? kernels_.forward_quantized : kernels_.forward_float;
  const int width = shape_.hidden * (sequence_ ? shape_.steps : 1);
  for_each_tile([&](int thread, const GruTile& tile, int first, int count) {
    if (shape_.stepped) gather_lanes(x + first * shape_.steps, count, shape_.steps, lanes_, tile.x);
    gather_lanes(constants + first * shape_.constants, count, shape_.constants, lanes_, tile.constants);
    kernel(shape_, weights_, tile, scratch_of(thread));
    write_output(tile, count, output + static_cast<std::size_t>(first) * width);
  });
}

GruGradients GruLayer::gradients_of(int thread) {
  const std::size_t hidden = shape_.hidden, lanes = lanes_;
  const std::size_t recurrent = 3 * hidden * kernels_.padded(shape_.hidden);
  const std::size_t constant = 4 * hidden * kernels_.padded(shape_.constants);
  partials_[thread].assign(recurrent + constant + 8 * hidden * lanes, 0.0f);
  Carver carver(partials_[thread].data());
  GruGradients gradients{};
  gradients.recurrent = carver.take(recurrent);
  gradients.constant = carver.take(constant);
  gradients.step = carver.take(4 * hidden * lanes);
  gradients.bias = carver.take(4 * hidden * lanes);
  return gradients;
}

float* GruLayer::outside_of(int thread) {
  const std::size_t lanes = lanes_, steps = sequence_ ? shape_.steps : 1;
  outside_[thread].resize(lanes * (steps * shape_.hidden + shape_.constants));
  return outside_[thread].data();
}

void GruLayer::backward(const float* output_gradient, float* kernel_gradient, float* bias_gradient,
                        float* constant_gradient) {
  const auto kernel = quantized_ ? kernels_.backward_quantized : kernels_.backward_float;
  const int width = shape_.hidden * (sequence_ ? shape_.steps : 1);
  std::vector<GruGradients> gradients;
  for (int thread = 0; thread < threads_; ++thread) gradients.push_back(gradients_of(thread));
  for_each_tile([&](int thread, const GruTile& tile, int first, int count) {
    float* const outside = outside_of(thread);
    gather_lanes(output_gradient + static_cast<std::size_t>(first) * width, count, width, lanes_, outside);
    float* const constants = constant_gradient == nullptr ? nullptr : outside + width * lanes_;
    kernel(shape_, weights_, tile, scratch_of(thread), {outside, sequence_}, gradients[thread], constants);
    if (constants == nullptr) return;
    scatter_lanes(constants, count, shape_.constants, lanes_, constant_gradient + first * shape_.constants,
                  shape_.constants);
  });
  sum_gradients(gradients, kernel_gradient, bias_gradient);
}

void GruLayer::sum_gradients(const std::vector<GruGradients>& partials, float* kernel_gradient,
                             float* bias_gradient) const {
  const int hidden = shape_.hidden, padded = kernels_.padded(hidden), padded_k = kernels_.padded(shape_.constants);
  const int first_constant = columns() - shape_.constants;
  std::fill(kernel_gradient, kernel_gradient + 4 * hidden * columns(), 0.0f);
  std::fill(bias_gradient, bias_gradient + 4 * hidden, 0.0f);
  for (const GruGradients& partial : partials) {
    for (int row = 0; row < 4 * hidden; ++row) {
      float* kernel = kernel_gradient + row * columns();
      for (int i = 0; row < 3 * hidden && i < hidden; ++i) kernel[i] += partial.recurrent[row * padded + i];
      bias_gradient[row] += sum_lanes(partial.bias + row * lanes_, lanes_);
      if (row / hidden == 2) continue;
      if (shape_.stepped) kernel[hidden] += sum_lanes(partial.step + row * lanes_, lanes_);
      for (int i = 0; i < shape_.constants; ++i) kernel[first_constant + i] += partial.constant[row * padded_k + i];
    }
  }
}

}  // namespace flimd::training
