// The encoder's arithmetic on one tile. Included by one file per instruction set, which defines FLIMD_SIMD_NAMESPACE,
// FLIMD_SIMD_KERNELS, FLIMD_LANES (of a register) and FLIMD_OUTER_COLUMNS (how wide a block of a weight gradient,
// 4 rows high, stays in registers).
#include "gru-tile.h"

namespace flimd::training::FLIMD_SIMD_NAMESPACE {
namespace {

constexpr int kLanes = FLIMD_LANES;
// Eight sums hide the latency of two multiply-adds a cycle.
constexpr int kDotRows = 8;
constexpr int kOuterColumns = FLIMD_OUTER_COLUMNS;

using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
using Ints = int __attribute__((vector_size(kLanes * sizeof(int))));

// Buffers are aligned like floats, not like vectors; compilers make one unaligned move of each copy.
inline Floats load(const float* at) {
  Floats value;
  __builtin_memcpy(&value, at, sizeof value);
  return value;
}
inline void store(float* at, Floats value) { __builtin_memcpy(at, &value, sizeof value); }
inline Floats to_floats(Ints value) { return __builtin_convertvector(value, Floats); }
inline Ints to_ints(Floats value) { return __builtin_convertvector(value, Ints); }
inline Ints clamp(Ints value, int low, int high) {
  value = value < low ? Ints{} + low : value;
  return value > high ? Ints{} + high : value;
}
inline Floats magnitude(Floats value) { return value < 0.0f ? -value : value; }
inline Ints magnitude(Ints value) { return value < 0 ? -value : value; }
inline Floats at_least_zero(Floats value) { return value < 0.0f ? Floats{} : value; }

// Real values of one LSB: inputs and dot-product states Q7, pre-activations Q12, states Q15.
constexpr float kInputLsb = 1.0f / 128;
constexpr float kPreActivationLsb = 1.0f / 4096;
constexpr float kStateLsb = 1.0f / 32768;
// From here a saved pre-activation may be a saturated one.
constexpr float kPreActivationMax = 32767 * kPreActivationLsb;

// --- Kwan's second-order activations, real, with their derivatives -------------------------------------------

inline Floats kwan_tanh(Floats p) {
  const Floats b = at_least_zero(1.0f - 0.5f * magnitude(p));
  const Floats y = 1.0f - b * b;
  return p < 0.0f ? -y : y;
}
inline Floats kwan_tanh_slope(Floats p) { return at_least_zero(1.0f - 0.5f * magnitude(p)); }
inline Floats kwan_sigmoid(Floats p) { return 0.5f + 0.5f * kwan_tanh(0.5f * p); }
inline Floats kwan_sigmoid_slope(Floats p) { return 0.25f * kwan_tanh_slope(0.5f * p); }

// --- docs/fixed-point.md in integers ---------------------------------------------------------------------------

inline Ints mulhrs(Ints a, Ints b) { return (a * b + (1 << 14)) >> 15; }
inline Ints sat16(Ints value) { return clamp(value, -32768, 32767); }
inline Ints round_shift(Ints accumulator, int shift) { return (accumulator + (1 << (shift - 1))) >> shift; }

inline Ints integer_tanh(Ints p) {
  const Ints a = clamp(magnitude(p), 0, 8191);
  const Ints b = 32767 - 4 * a;
  const Ints y = 32766 - mulhrs(b, b);
  return p < 0 ? -y : y;
}

inline Ints integer_sigmoid(Ints p) {
  const Ints a = clamp(magnitude(p), 0, 16383);
  const Ints b = 32767 - 2 * a;
  const Ints y = (32766 - mulhrs(b, b)) >> 1;
  return p < 0 ? 16384 - y : 16384 + y;
}

// --- matrix products -------------------------------------------------------------------------------------------

// out[row] += Σ_i matrix[row][i] · in[i] for kRows rows, all lanes.
template <int kRows>
inline void dot_rows(const float* matrix, int stride, int columns, const float* in, float* out) {
  Floats sum[kRows];
  for (int row = 0; row < kRows; ++row) sum[row] = load(out + row * kLanes);
  for (int i = 0; i < columns; ++i) {
    const Floats value = load(in + i * kLanes);
#pragma GCC unroll 8
    for (int row = 0; row < kRows; ++row) sum[row] += matrix[row * stride + i] * value;
  }
  for (int row = 0; row < kRows; ++row) store(out + row * kLanes, sum[row]);
}

// out[rows] += matrix[rows][columns] · in[columns]; rows is a multiple of 4.
inline void add_product(const float* matrix, int rows, int columns, const float* in, float* out) {
  int row = 0;
  for (; row + kDotRows <= rows; row += kDotRows) {
    dot_rows<kDotRows>(matrix + row * columns, columns, columns, in, out + row * kLanes);
  }
  for (; row < rows; row += 4) dot_rows<4>(matrix + row * columns, columns, columns, in, out + row * kLanes);
}

// sums[row][i] += Σ_t rows[t][row] · columns[t][i], lane by lane, for a block of 4 × kOuterColumns.
inline void add_outer_block(const float* rows, int row_stride, const float* columns, int column_stride, int steps,
                            float* sums, int sum_stride) {
  Floats sum[4][kOuterColumns];
  for (int j = 0; j < 4; ++j) {
    for (int i = 0; i < kOuterColumns; ++i) sum[j][i] = load(sums + (j * sum_stride + i) * kLanes);
  }
  for (int t = 0; t < steps; ++t, rows += row_stride, columns += column_stride) {
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      const Floats row = load(rows + j * kLanes);
#pragma GCC unroll 4
      for (int i = 0; i < kOuterColumns; ++i) sum[j][i] += row * load(columns + i * kLanes);
    }
  }
  for (int j = 0; j < 4; ++j) {
    for (int i = 0; i < kOuterColumns; ++i) store(sums + (j * sum_stride + i) * kLanes, sum[j][i]);
  }
}

// --- forward ---------------------------------------------------------------------------------------------------

struct Saved {
  float *z, *r, *nh, *candidate, *state;
  Saved(float* saved, int hidden, int gate) {
    const std::size_t plane = static_cast<std::size_t>(hidden) * kLanes;
    z = saved + plane * kSavedPlanes * gate;
    r = z + plane;
    nh = r + plane;
    candidate = nh + plane;
    state = candidate + plane;
  }
};

// sums[4H] = bias + Wx·x + Wu·u; x and u in the units of the weights.
inline void start_sums(const GruWeights& weights, int rows, Floats x, Floats u, float* sums) {
  for (int row = 0; row < rows; ++row) {
    store(sums + row * kLanes, weights.bias[row] + weights.input[2 * row] * x + weights.input[2 * row + 1] * u);
  }
}

void forward_float(const GruShape& shape, const GruWeights& weights, const GruTile& tile) {
  const int hidden = shape.hidden;
  const Floats u = load(tile.u);
  alignas(64) float sums[4 * kMaxHidden * kLanes];
  float* state = tile.state;
  for (int j = 0; j < hidden; ++j) store(state + j * kLanes, Floats{});
  for (int gate = 0; gate < shape.gates; ++gate) {
    const Saved saved(tile.saved, hidden, gate);
    start_sums(weights, 4 * hidden, load(tile.x + gate * kLanes), u, sums);
    add_product(weights.recurrent, 3 * hidden, hidden, state, sums);
    for (int j = 0; j < hidden; ++j) {
      const int at = j * kLanes;
      const int plane = hidden * kLanes;
      const Floats p_z = load(sums + at), p_r = load(sums + plane + at), p_nh = load(sums + 2 * plane + at);
      const Floats p_n = load(sums + 3 * plane + at) + kwan_sigmoid(p_r) * p_nh;
      const Floats z = kwan_sigmoid(p_z), h = load(state + at);
      store(saved.z + at, p_z);
      store(saved.r + at, p_r);
      store(saved.nh + at, p_nh);
      store(saved.candidate + at, p_n);
      store(saved.state + at, h);
      store(state + at, z * h + (1.0f - z) * kwan_tanh(p_n));
    }
  }
}

void forward_quantized(const GruShape& shape, const GruWeights& weights, const GruTile& tile) {
  const int hidden = shape.hidden;
  const Floats u = load(tile.u) / kInputLsb;
  alignas(64) float sums[4 * kMaxHidden * kLanes];
  alignas(64) float dot_states[kMaxHidden * kLanes];
  Ints state[kMaxHidden] = {};
  const auto pre_activation = [&](int row) {
    return sat16(round_shift(to_ints(load(sums + row * kLanes)), weights.shift[row]));
  };
  for (int gate = 0; gate < shape.gates; ++gate) {
    const Saved saved(tile.saved, hidden, gate);
    start_sums(weights, 4 * hidden, load(tile.x + gate * kLanes) / kInputLsb, u, sums);
    for (int i = 0; i < hidden; ++i) {
      // h + 128 saturates at 32767, so that 127 is the most.
      store(dot_states + i * kLanes, to_floats(clamp((state[i] + 128) >> 8, -128, 127)));
    }
    add_product(weights.recurrent, 3 * hidden, hidden, dot_states, sums);
    for (int j = 0; j < hidden; ++j) {
      const int at = j * kLanes;
      const Ints p_z = pre_activation(j), p_r = pre_activation(hidden + j), p_nh = pre_activation(2 * hidden + j);
      const Ints p_n = sat16(pre_activation(3 * hidden + j) + mulhrs(integer_sigmoid(p_r), p_nh));
      const Ints z = integer_sigmoid(p_z);
      store(saved.z + at, to_floats(p_z) * kPreActivationLsb);
      store(saved.r + at, to_floats(p_r) * kPreActivationLsb);
      store(saved.nh + at, to_floats(p_nh) * kPreActivationLsb);
      store(saved.candidate + at, to_floats(p_n) * kPreActivationLsb);
      store(saved.state + at, to_floats(state[j]) * kStateLsb);
      state[j] = sat16(mulhrs(z, state[j]) + mulhrs(32767 - z, integer_tanh(p_n)));
    }
  }
  for (int j = 0; j < hidden; ++j) store(tile.state + j * kLanes, to_floats(state[j]) * kStateLsb);
}

// --- backward --------------------------------------------------------------------------------------------------

// The state as the dot products of the next step see it (§2.1).
template <bool kQuantized>
inline Floats dot_state(Floats state) {
  if constexpr (!kQuantized) return state;
  return to_floats(clamp((to_ints(state / kStateLsb) + 128) >> 8, -128, 127)) * kInputLsb;
}

// From the gradient of the state after a gate to the gradients of its rows; leaves in `state_gradient` what goes
// past the gate by way of z.
// A saturated p_nx is not looked for: where it saturates (8.0), tanh is flat unless r·p_nh takes 6 of it back.
template <bool kQuantized>
inline void row_gradients(int hidden, const Saved& saved, float* state_gradient, float* rows, float* dot_states) {
  const int plane = hidden * kLanes;
  for (int j = 0; j < hidden; ++j) {
    const int at = j * kLanes;
    const Floats p_z = load(saved.z + at), p_r = load(saved.r + at), p_nh = load(saved.nh + at);
    const Floats p_n = load(saved.candidate + at), h = load(saved.state + at), dh = load(state_gradient + at);
    const Floats z = kwan_sigmoid(p_z), r = kwan_sigmoid(p_r);
    const Floats d_candidate = dh * (1.0f - z) * kwan_tanh_slope(p_n);
    Floats d_nh = d_candidate * r;
    if constexpr (kQuantized) d_nh = magnitude(p_nh) >= kPreActivationMax ? Floats{} : d_nh;
    store(rows + at, dh * (h - kwan_tanh(p_n)) * kwan_sigmoid_slope(p_z));
    store(rows + plane + at, d_candidate * p_nh * kwan_sigmoid_slope(p_r));
    store(rows + 2 * plane + at, d_nh);
    store(rows + 3 * plane + at, d_candidate);
    store(state_gradient + at, dh * z);
    store(dot_states + at, dot_state<kQuantized>(h));
  }
}

void add_weight_gradients(const GruShape& shape, const GruTile& tile, const GruGradients& gradients) {
  const int hidden = shape.hidden, rows = 4 * hidden;
  for (int j = 0; j < 3 * hidden; j += 4) {
    for (int i = 0; i < hidden; i += kOuterColumns) {
      add_outer_block(gradients.row_gradients + j * kLanes, rows * kLanes, gradients.dot_states + i * kLanes,
                      hidden * kLanes, shape.gates, gradients.recurrent + (j * hidden + i) * kLanes, hidden);
    }
  }
  const Floats u = load(tile.u);
  for (int row = 0; row < rows; ++row) {
    Floats bias{}, x{};
    for (int gate = 0; gate < shape.gates; ++gate) {
      const Floats gradient = load(gradients.row_gradients + (gate * rows + row) * kLanes);
      bias += gradient;
      x += gradient * load(tile.x + gate * kLanes);
    }
    float* input = gradients.input + 2 * row * kLanes;
    store(gradients.bias + row * kLanes, load(gradients.bias + row * kLanes) + bias);
    store(input, load(input) + x);
    store(input + kLanes, load(input + kLanes) + bias * u);
  }
}

template <bool kQuantized>
void backward(const GruShape& shape, const GruWeights& weights, const GruTile& tile, const GruGradients& gradients) {
  const int hidden = shape.hidden;
  for (int gate = shape.gates - 1; gate >= 0; --gate) {
    float* rows = gradients.row_gradients + gate * 4 * hidden * kLanes;
    row_gradients<kQuantized>(hidden, Saved(tile.saved, hidden, gate), tile.state, rows,
                              gradients.dot_states + gate * hidden * kLanes);
    add_product(weights.recurrent_t, hidden, 3 * hidden, rows, tile.state);
  }
  add_weight_gradients(shape, tile, gradients);
}

}  // namespace
}  // namespace flimd::training::FLIMD_SIMD_NAMESPACE

namespace flimd::training {
extern const GruKernels FLIMD_SIMD_KERNELS;
const GruKernels FLIMD_SIMD_KERNELS = {
    FLIMD_SIMD_NAME,
    FLIMD_LANES,
    FLIMD_SIMD_NAMESPACE::forward_float,
    FLIMD_SIMD_NAMESPACE::forward_quantized,
    FLIMD_SIMD_NAMESPACE::backward<false>,
    FLIMD_SIMD_NAMESPACE::backward<true>,
};
}  // namespace flimd::training
