// The integer network in portable C++, one pixel at a time: for processors without a kernel of their own.

#include <cmath>
#include <cstdlib>
#include <vector>

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

// v where p >= 0, otherwise −v. Signs are as good as random: a branch would be mispredicted half the time.
std::int32_t with_sign_of(std::int32_t p, std::int32_t v) {
  const std::int32_t sign = p >> 31;
  return (v ^ sign) - sign;
}

std::int32_t tanh_q15(std::int32_t p) {
  const std::int32_t b = 32767 - 4 * clamp(std::abs(p), 0, fixed_point::kTanhLimit);
  return with_sign_of(p, fixed_point::kActivationOne - mulhrs(b, b));
}

std::int32_t sigmoid_q15(std::int32_t p) {
  const std::int32_t b = 32767 - 2 * clamp(std::abs(p), 0, fixed_point::kSigmoidLimit);
  return 16384 + with_sign_of(p, (fixed_point::kActivationOne - mulhrs(b, b)) >> 1);
}

// A matrix with its columns one after the other, widened: compilers then make vectors of rows by themselves.
class Columns {
 public:
  Columns(const std::vector<std::int8_t>& row_major, int rows, int inputs) : rows_(rows), values_(row_major.size()) {
    for (int row = 0; row < rows; ++row) {
      for (int input = 0; input < inputs; ++input) values_[input * rows + row] = row_major[row * inputs + input];
    }
  }

  // sums[row] += Σ over inputs of weight × input.
  void add_product(const std::int16_t* inputs, int count, std::int32_t* sums) const {
    for (int input = 0; input < count; ++input) {
      const std::int16_t* column = &values_[input * rows_];
      const std::int16_t value = inputs[input];
      for (int row = 0; row < rows_; ++row) sums[row] += column[row] * value;
    }
  }

 private:
  int rows_;
  std::vector<std::int16_t> values_;
};

class ScalarEncoder {
 public:
  static constexpr int kPixels = 1;

  explicit ScalarEncoder(const Network& network)
      : network_(network),
        recurrent_(network.recurrent_weights, 3 * network.hidden, network.hidden),
        head_(network.head_weights, network.head, network.hidden),
        output_(network.output_weights, kOutputs, network.head) {}

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
           std::int32_t (*outputs)[kOutputs]) const {
    std::int16_t state[fixed_point::kMaxUnits] = {};
    for (int gate = 0; gate < gates; ++gate) {
      const auto x = static_cast<std::int16_t>(features[0][gate] & 0xffff);
      const auto u = static_cast<std::int16_t>(features[0][gate] >> 16);
      step(state, x, u);
    }
    decode(state, outputs[0]);
  }

 private:
  void step(std::int16_t* state, std::int32_t x, std::int32_t u) const {
    const int units = network_.hidden;
    std::int16_t operand[fixed_point::kMaxUnits];
    for (int i = 0; i < units; ++i) operand[i] = static_cast<std::int16_t>(sat16(state[i] + 128) >> 8);
    std::int32_t recurrent[3 * fixed_point::kMaxUnits] = {};  // z, r, nh
    recurrent_.add_product(operand, units, recurrent);
    for (int unit = 0; unit < units; ++unit) {
      const int reset = units + unit, new_hidden = 2 * units + unit, new_input = 3 * units + unit;
      const std::int32_t z = sigmoid_q15(scaled(input(unit, x, u) + recurrent[unit], unit));
      const std::int32_t r = sigmoid_q15(scaled(input(reset, x, u) + recurrent[reset], reset));
      const std::int32_t p_hidden = scaled(recurrent[new_hidden], new_hidden);
      // The third row of the input weights is that of nx, the fourth of shifts and biases.
      const std::int32_t p_input = scaled(input(new_hidden, x, u), new_input);
      const std::int32_t n = tanh_q15(sat16(p_input + mulhrs(r, p_hidden)));
      state[unit] = static_cast<std::int16_t>(sat16(mulhrs(z, state[unit]) + mulhrs(32767 - z, n)));
    }
  }

  std::int32_t input(int row, std::int32_t x, std::int32_t u) const {
    return network_.input_weights[row] * x + network_.photon_weights[row] * u;
  }

  std::int32_t scaled(std::int32_t accumulator, int row) const {
    return sat16(round_shift(network_.biases[row] + accumulator, network_.shifts[row]));
  }

  void decode(const std::int16_t* state, std::int32_t* outputs) const {
    std::int32_t sums[fixed_point::kMaxUnits] = {};
    head_.add_product(state, network_.hidden, sums);
    std::int16_t layer[fixed_point::kMaxUnits];
    for (int unit = 0; unit < network_.head; ++unit) {
      const std::int32_t p = round_shift(network_.head_biases[unit] + sums[unit], network_.head_shifts[unit]);
      layer[unit] = static_cast<std::int16_t>(tanh_q15(sat16(p)));
    }
    std::int32_t products[kOutputs] = {};
    output_.add_product(layer, network_.head, products);
    for (int output = 0; output < kOutputs; ++output) {
      const std::int32_t accumulator = network_.output_biases[output] + products[output];
      outputs[output] = round_shift(accumulator, network_.output_shifts[output]);
    }
  }

  Network network_;
  Columns recurrent_;  // rows of z, r, nh
  Columns head_;
  Columns output_;
};

class ScalarKernel final : public LifetimeKernel {
 public:
  ScalarKernel(const Network& network, const GatePlan& plan) : encoder_(network), rules_(network, plan) {}

  Simd simd() const noexcept override { return Simd::kScalar; }

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
