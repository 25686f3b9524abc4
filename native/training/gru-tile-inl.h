// A layer's arithmetic on one tile. Included by one file per instruction set, which defines FLIMD_SIMD_NAMESPACE,
// FLIMD_SIMD_KERNELS, FLIMD_SIMD_NAME, FLIMD_LANES (of a register) and FLIMD_BLOCK_ROWS (rows of a matrix product
// whose sums, two registers wide, stay in registers).
#include "gru-tile.h"

namespace flimd::training::FLIMD_SIMD_NAMESPACE {
namespace {

constexpr int kLanes = FLIMD_LANES;
constexpr int kBlockRows = FLIMD_BLOCK_ROWS;
// Registers side by side in a tile: every weight that is loaded is used twice.
constexpr int kTileRegisters = 2;
constexpr int kTileLanes = kTileRegisters * kLanes;

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

// Two factors whose products are summed over `depth` inner columns, `repeats` times over.
struct Factors {
  const float* a;  // element (row, k) at row · a_row + k
  int a_row;
  int a_repeat;
  const float* b;  // element (k, column) at k · b_row + column
  int b_row;
  int b_repeat;
  int depth;
  int repeats;
};

// c[row][column] += Σ a[row][k] · b[k][column] for kRows rows and kRegisters registers of columns.
template <int kRows, int kRegisters>
inline void multiply_block(const Factors& factors, int row, int column, float* c, int c_row) {
  Floats sum[kRows][kRegisters];
  for (int j = 0; j < kRows; ++j) {
    for (int v = 0; v < kRegisters; ++v) sum[j][v] = load(c + j * c_row + v * kLanes);
  }
  for (int repeat = 0; repeat < factors.repeats; ++repeat) {
    const float* a = factors.a + repeat * factors.a_repeat + row * factors.a_row;
    const float* b = factors.b + repeat * factors.b_repeat + column;
    for (int k = 0; k < factors.depth; ++k, b += factors.b_row) {
      Floats value[kRegisters];
      for (int v = 0; v < kRegisters; ++v) value[v] = load(b + v * kLanes);
#pragma GCC unroll 8
      for (int j = 0; j < kRows; ++j) {
        const float weight = a[j * factors.a_row + k];
        for (int v = 0; v < kRegisters; ++v) sum[j][v] += weight * value[v];
      }
    }
  }
  for (int j = 0; j < kRows; ++j) {
    for (int v = 0; v < kRegisters; ++v) store(c + j * c_row + v * kLanes, sum[j][v]);
  }
}

template <int kRegisters>
inline void multiply_columns(const Factors& factors, int rows, int column, float* c, int c_row) {
  int row = 0;
  for (; row + kBlockRows <= rows; row += kBlockRows) {
    multiply_block<kBlockRows, kRegisters>(factors, row, column, c + row * c_row, c_row);
  }
  for (; row < rows; row += 4) multiply_block<4, kRegisters>(factors, row, column, c + row * c_row, c_row);
}

// c[rows][columns] += a · b; rows is a multiple of 4, columns one of kLanes.
inline void add_product(const Factors& factors, int rows, int columns, float* c, int c_row) {
  int column = 0;
  for (; column + 2 * kLanes <= columns; column += 2 * kLanes) {
    multiply_columns<2>(factors, rows, column, c + column, c_row);
  }
  if (column < columns) multiply_columns<1>(factors, rows, column, c + column, c_row);
}

// out[rows][lane] += matrix[rows][columns] · in[columns][lane].
inline void add_dots(const float* matrix, int rows, int columns, const float* in, float* out) {
  add_product({matrix, columns, 0, in, kTileLanes, 0, columns, 1}, rows, kTileLanes, out, kTileLanes);
}

// out[lane][padded], its padding 0, from in[rows][lane].
inline void transpose(const float* in, int rows, int padded, float* out) {
  for (int lane = 0; lane < kTileLanes; ++lane) {
    for (int row = 0; row < rows; ++row) out[lane * padded + row] = in[row * kTileLanes + lane];
    for (int row = rows; row < padded; ++row) out[lane * padded + row] = 0.0f;
  }
}

// --- forward ---------------------------------------------------------------------------------------------------

struct Saved {
  float *z, *r, *nh, *candidate, *state;
  Saved(float* saved, int hidden, int step) {
    const std::size_t plane = static_cast<std::size_t>(hidden) * kTileLanes;
    z = saved + plane * kSavedPlanes * step;
    r = z + plane;
    nh = r + plane;
    candidate = nh + plane;
    state = candidate + plane;
  }
};

// base[4H] = bias + Wc · constants; constants in the units of the weights.
inline void start_base(const GruShape& shape, const GruWeights& weights, const float* constants, float* base) {
  for (int row = 0; row < 4 * shape.hidden; ++row) {
    for (int v = 0; v < kTileLanes; v += kLanes) store(base + row * kTileLanes + v, Floats{} + weights.bias[row]);
  }
  if (shape.constants > 0) add_dots(weights.constant, 4 * shape.hidden, shape.constants, constants, base);
}

// sums[4H] = base + Wx · x; x in the units of the weights.
inline void start_sums(const GruShape& shape, const GruWeights& weights, const float* base, const float* x, Floats unit,
                       float* sums) {
  for (int row = 0; row < 4 * shape.hidden; ++row) {
    for (int v = 0; v < kTileLanes; v += kLanes) {
      Floats sum = load(base + row * kTileLanes + v);
      if (shape.stepped) sum += weights.step[row] * (load(x + v) * unit);
      store(sums + row * kTileLanes + v, sum);
    }
  }
}

void forward_float(const GruShape& shape, const GruWeights& weights, const GruTile& tile, const GruScratch& scratch) {
  const int values = shape.hidden * kTileLanes;
  float *sums = scratch.sums, *state = tile.state;
  start_base(shape, weights, tile.constants, scratch.base);
  for (int at = 0; at < values; at += kLanes) store(state + at, Floats{});
  for (int step = 0; step < shape.steps; ++step) {
    const Saved saved(tile.saved, shape.hidden, step);
    start_sums(shape, weights, scratch.base, tile.x + step * kTileLanes, Floats{} + 1.0f, sums);
    add_dots(weights.recurrent, 3 * shape.hidden, shape.hidden, state, sums);
    for (int at = 0; at < values; at += kLanes) {
      const Floats p_z = load(sums + at), p_r = load(sums + values + at), p_nh = load(sums + 2 * values + at);
      const Floats p_n = load(sums + 3 * values + at) + kwan_sigmoid(p_r) * p_nh;
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

// The state as the dot products of the next step see it (§2.1), as a whole number. h + 128 saturates at 32767, so
// that 127 is the most.
inline Floats operand(Ints state) { return to_floats(clamp((state + 128) >> 8, -128, 127)); }

void forward_quantized(const GruShape& shape, const GruWeights& weights, const GruTile& tile,
                       const GruScratch& scratch) {
  const int values = shape.hidden * kTileLanes;
  float *sums = scratch.sums, *operands = scratch.operands;
  Ints state[kMaxQuantizedHidden * kTileRegisters] = {};
  for (int at = 0; at < shape.constants * kTileLanes; at += kLanes) {
    store(scratch.constants_t + at, load(tile.constants + at) / kInputLsb);
  }
  start_base(shape, weights, scratch.constants_t, scratch.base);
  const auto pre_activation = [&](int kind, int at) {
    const int shift = weights.shift[kind * shape.hidden + at / kTileLanes];
    return sat16(round_shift(to_ints(load(sums + kind * values + at)), shift));
  };
  for (int step = 0; step < shape.steps; ++step) {
    const Saved saved(tile.saved, shape.hidden, step);
    start_sums(shape, weights, scratch.base, tile.x + step * kTileLanes, Floats{} + 1.0f / kInputLsb, sums);
    for (int at = 0; at < values; at += kLanes) store(operands + at, operand(state[at / kLanes]));
    add_dots(weights.recurrent, 3 * shape.hidden, shape.hidden, operands, sums);
    for (int at = 0; at < values; at += kLanes) {
      Ints& h = state[at / kLanes];
      const Ints p_z = pre_activation(0, at), p_r = pre_activation(1, at), p_nh = pre_activation(2, at);
      const Ints p_n = sat16(pre_activation(3, at) + mulhrs(integer_sigmoid(p_r), p_nh));
      const Ints z = integer_sigmoid(p_z);
      store(saved.z + at, to_floats(p_z) * kPreActivationLsb);
      store(saved.r + at, to_floats(p_r) * kPreActivationLsb);
      store(saved.nh + at, to_floats(p_nh) * kPreActivationLsb);
      store(saved.candidate + at, to_floats(p_n) * kPreActivationLsb);
      store(saved.state + at, to_floats(h) * kStateLsb);
      h = sat16(mulhrs(z, h) + mulhrs(32767 - z, integer_tanh(p_n)));
    }
  }
  for (int at = 0; at < values; at += kLanes) store(tile.state + at, to_floats(state[at / kLanes]) * kStateLsb);
}

// --- backward --------------------------------------------------------------------------------------------------

// From the gradient of the state after a step to the gradients of its rows; leaves in `state_gradient` what goes
// past the step by way of z.
// A saturated p_nx is not looked for: where it saturates (8.0), tanh is flat unless r·p_nh takes 6 of it back.
template <bool kQuantized>
inline void row_gradients(int hidden, const Saved& saved, float* state_gradient, float* rows, float* operands) {
  const int values = hidden * kTileLanes;
  for (int at = 0; at < values; at += kLanes) {
    const Floats p_z = load(saved.z + at), p_r = load(saved.r + at), p_nh = load(saved.nh + at);
    const Floats p_n = load(saved.candidate + at), h = load(saved.state + at), dh = load(state_gradient + at);
    const Floats z = kwan_sigmoid(p_z), r = kwan_sigmoid(p_r);
    const Floats d_candidate = dh * (1.0f - z) * kwan_tanh_slope(p_n);
    Floats d_nh = d_candidate * r;
    if constexpr (kQuantized) d_nh = magnitude(p_nh) >= kPreActivationMax ? Floats{} : d_nh;
    store(rows + at, dh * (h - kwan_tanh(p_n)) * kwan_sigmoid_slope(p_z));
    store(rows + values + at, d_candidate * p_nh * kwan_sigmoid_slope(p_r));
    store(rows + 2 * values + at, d_nh);
    store(rows + 3 * values + at, d_candidate);
    store(state_gradient + at, dh * z);
    store(operands + at, kQuantized ? operand(to_ints(h / kStateLsb)) * kInputLsb : h);
  }
}

// Leaves Σ over the steps of the rows' gradients in `scratch.sums`, and adds those of bias and x.
void sum_over_steps(const GruShape& shape, const GruTile& tile, const GruScratch& scratch,
                    const GruGradients& gradients) {
  const int values = 4 * shape.hidden * kTileLanes;
  for (int at = 0; at < values; at += kLanes) {
    Floats bias{}, x{};
    for (int step = 0; step < shape.steps; ++step) {
      const Floats gradient = load(scratch.row_gradients + step * values + at);
      bias += gradient;
      if (shape.stepped) x += gradient * load(tile.x + step * kTileLanes + at % kTileLanes);
    }
    store(scratch.sums + at, bias);
    store(gradients.bias + at, load(gradients.bias + at) + bias);
    store(gradients.step + at, load(gradients.step + at) + x);
  }
}

void add_weight_gradients(const GruShape& shape, const GruTile& tile, const GruScratch& scratch,
                          const GruGradients& gradients) {
  const int rows = 4 * shape.hidden, padded = (shape.hidden + kLanes - 1) / kLanes * kLanes;
  add_product({scratch.row_gradients, kTileLanes, rows * kTileLanes, scratch.operands_t, padded, kTileLanes * padded,
               kTileLanes, shape.steps},
              3 * shape.hidden, padded, gradients.recurrent, padded);
  if (shape.constants == 0) return;
  const int columns = (shape.constants + kLanes - 1) / kLanes * kLanes;
  transpose(tile.constants, shape.constants, columns, scratch.constants_t);
  add_product({scratch.sums, kTileLanes, 0, scratch.constants_t, columns, 0, kTileLanes, 1}, rows, columns,
              gradients.constant, columns);
}

inline void add_outside_gradient(int values, const float* outside, float* state_gradient) {
  for (int at = 0; at < values; at += kLanes) store(state_gradient + at, load(state_gradient + at) + load(outside + at));
}

template <bool kQuantized>
void backward(const GruShape& shape, const GruWeights& weights, const GruTile& tile, const GruScratch& scratch,
              const OutputGradient& output, const GruGradients& gradients, float* constant_gradient) {
  const int hidden = shape.hidden, values = hidden * kTileLanes;
  const int padded = (hidden + kLanes - 1) / kLanes * kLanes;
  float* state_gradient = scratch.state_gradient;
  for (int at = 0; at < values; at += kLanes) store(state_gradient + at, Floats{});
  for (int step = shape.steps - 1; step >= 0; --step) {
    if (output.sequence || step == shape.steps - 1) {
      add_outside_gradient(values, output.values + (output.sequence ? step : 0) * values, state_gradient);
    }
    float* rows = scratch.row_gradients + step * 4 * values;
    row_gradients<kQuantized>(hidden, Saved(tile.saved, hidden, step), state_gradient, rows, scratch.operands);
    transpose(scratch.operands, hidden, padded, scratch.operands_t + step * kTileLanes * padded);
    add_dots(weights.recurrent_t, hidden, 3 * hidden, rows, state_gradient);
  }
  sum_over_steps(shape, tile, scratch, gradients);
  add_weight_gradients(shape, tile, scratch, gradients);
  if (constant_gradient == nullptr) return;
  for (int at = 0; at < shape.constants * kTileLanes; at += kLanes) store(constant_gradient + at, Floats{});
  add_dots(weights.constant_t, shape.constants, 4 * hidden, scratch.sums, constant_gradient);
}

}  // namespace
}  // namespace flimd::training::FLIMD_SIMD_NAMESPACE

namespace flimd::training {
extern const GruKernels FLIMD_SIMD_KERNELS;
const GruKernels FLIMD_SIMD_KERNELS = {
    FLIMD_SIMD_NAME,
    FLIMD_SIMD_NAMESPACE::kLanes,
    FLIMD_SIMD_NAMESPACE::kTileLanes,
    FLIMD_SIMD_NAMESPACE::forward_float,
    FLIMD_SIMD_NAMESPACE::forward_quantized,
    FLIMD_SIMD_NAMESPACE::backward<false>,
    FLIMD_SIMD_NAMESPACE::backward<true>,
};
}  // namespace flimd::training
