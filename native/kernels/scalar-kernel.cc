// The integer network in portable C++, one pixel at a time: for processors without a kernel of their own.

#include <cmath>

#include "generated/fixed_point.h"
#include "kernels/lifetime-kernel.h"
#include "kernels/pixel-rules.h"
#include "kernels/simd-target.h"

namespace flimd {
namespace {

#include "kernels/gate-counts-inl.h"
#include "kernels/pixel-stage-inl.h"

std::int32_t clamp(std::int32_t v, std::int32_t low, std::int32_t high) { return v < low ? low : v > high ? high : v; }
std::int32_t sat16(std::int32_t v) { return clamp(v, -32768, 32767); }
std::int32_t round_shift(std::int32_t v, int shift) { return (v + (1 << (shift - 1))) >> shift; }
std::int32_t mulhrs(std::int32_t a, std::int32_t b) { return (a * b + 0x4000) >> 15; }

std::int32_t tanh_q15(std::int32_t p) {
  const std::int32_t b = 32767 - 4 * clamp(std::abs(p), 0, fixed_point::kTanhLimit);
  const std::int32_t y = fixed_point::kActivationOne - mulhrs(b, b);
  return p >= 0 ? y : -y;
}

std::int32_t sigmoid_q15(std::int32_t p) {
  const std::int32_t b = 32767 - 2 * clamp(std::abs(p), 0, fixed_point::kSigmoidLimit);
  const std::int32_t y = (fixed_point::kActivationOne - mulhrs(b, b)) >> 1;
  return p >= 0 ? 16384 + y : 16384 - y;
}

template <class Input>
std::int32_t dot(const std::int8_t* weights, const Input* input, int length) {
  std::int32_t sum = 0;
  for (int i = 0; i < length; ++i) sum += weights[i] * input[i];
  return sum;
}

class ScalarEncoder {
 public:
  static constexpr int kPixels = 1;

  explicit ScalarEncoder(const Network& network) : network_(network) {}

  static void write_features(const std::uint32_t* counts, int gates, std::uint32_t reciprocal, std::int32_t u,
                             std::uint32_t* features) {
    for (int gate = 0; gate < gates; ++gate) {
      const std::uint32_t share = (counts[gate] * reciprocal) >> fixed_point::kFractionShift;
      // float32 holds the share (at most 2^20) exactly, and its root rounds up to no whole number below 2^12.
      const auto x = static_cast<std::uint32_t>(std::sqrt(static_cast<float>(share)));
      features[gate] = x | static_cast<std::uint32_t>(u) << 16;
    }
  }

  void run(const std::uint32_t (*features)[fixed_point::kMaxGates], int gates,
           std::int32_t (*lifetimes)[kOutputs]) const {
    std::int16_t state[fixed_point::kMaxUnits] = {};
    for (int gate = 0; gate < gates; ++gate) {
      const auto x = static_cast<std::int16_t>(features[0][gate] & 0xffff);
      const auto u = static_cast<std::int16_t>(features[0][gate] >> 16);
      step(state, x, u);
    }
    decode(state, lifetimes[0]);
  }

 private:
  void step(std::int16_t* state, std::int32_t x, std::int32_t u) const {
    const int units = network_.hidden;
    std::int8_t operand[fixed_point::kMaxUnits];
    for (int i = 0; i < units; ++i) operand[i] = static_cast<std::int8_t>(sat16(state[i] + 128) >> 8);
    for (int unit = 0; unit < units; ++unit) {
      const int reset = units + unit, new_hidden = 2 * units + unit, new_input = 3 * units + unit;
      const std::int32_t z = sigmoid_q15(scaled(input(unit, x, u) + recurrent(unit, operand), unit));
      const std::int32_t r = sigmoid_q15(scaled(input(reset, x, u) + recurrent(reset, operand), reset));
      const std::int32_t p_hidden = scaled(recurrent(new_hidden, operand), new_hidden);
      // The third row of the input weights is that of nx, the fourth of shifts and biases.
      const std::int32_t p_input = scaled(input(new_hidden, x, u), new_input);
      const std::int32_t n = tanh_q15(sat16(p_input + mulhrs(r, p_hidden)));
      state[unit] = static_cast<std::int16_t>(sat16(mulhrs(z, state[unit]) + mulhrs(32767 - z, n)));
    }
  }

  std::int32_t input(int row, std::int32_t x, std::int32_t u) const {
    return network_.input_weights[row] * x + network_.photon_weights[row] * u;
  }

  std::int32_t recurrent(int row, const std::int8_t* operand) const {
    return dot(&network_.recurrent_weights[row * network_.hidden], operand, network_.hidden);
  }

  std::int32_t scaled(std::int32_t accumulator, int row) const {
    return sat16(round_shift(network_.biases[row] + accumulator, network_.shifts[row]));
  }

  void decode(const std::int16_t* state, std::int32_t* lifetimes) const {
    std::int16_t layer[fixed_point::kMaxUnits];
    for (int unit = 0; unit < network_.head; ++unit) {
      const std::int8_t* weights = &network_.head_weights[unit * network_.hidden];
      const std::int32_t accumulator = network_.head_biases[unit] + dot(weights, state, network_.hidden);
      layer[unit] = static_cast<std::int16_t>(tanh_q15(sat16(round_shift(accumulator, network_.head_shifts[unit]))));
    }
    for (int output = 0; output < kOutputs; ++output) {
      const std::int8_t* weights = &network_.output_weights[output * network_.head];
      const std::int32_t accumulator = network_.output_biases[output] + dot(weights, layer, network_.head);
      lifetimes[output] = round_shift(accumulator, network_.output_shifts[output]);
    }
  }

  Network network_;
};

class ScalarKernel final : public LifetimeKernel {
 public:
  ScalarKernel(const Network& network, const GatePlan& plan) : encoder_(network), rules_(network, plan) {}

  void compute(const LifetimeJob& job, std::size_t first, std::size_t end) const noexcept override {
    PixelStage<ScalarEncoder>(encoder_, rules_, job).run(first, end);
  }

 private:
  ScalarEncoder encoder_;
  PixelRules rules_;
};

}  // namespace

std::unique_ptr<LifetimeKernel> make_scalar_kernel(const Network& network, const GatePlan& plan) {
  return std::make_unique<ScalarKernel>(network, plan);
}

}  // namespace flimd
