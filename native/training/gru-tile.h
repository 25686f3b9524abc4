// The seam between a recurrent layer's bookkeeping (gru-layer.cc) and its arithmetic, which is compiled once per
// instruction set (gru-tile-*.cc around gru-tile-inl.h).
#pragma once

#include <cstddef>
#include <vector>

namespace flimd::training {

// Of the float network; every size is a multiple of 4.
inline constexpr int kMaxHidden = 512;
// docs/fixed-point.md §2: the sums of the quantized network are exact in float32 up to here.
inline constexpr int kMaxQuantizedHidden = 64;
// Planes of H × lanes floats kept per time step: pre-activations of z, r, nh and of the candidate (nx + r·nh),
// and the state before the step; all as real numbers.
inline constexpr int kSavedPlanes = 5;

struct GruShape {
  int hidden;     // H
  int steps;      // T
  bool stepped;   // whether there is an input x of every step
  int constants;  // K, inputs that are the same in every step
};

// Weights of one layer, laid out for the kernels. In the quantized network weights and biases are the integers of
// docs/fixed-point.md (exact in float32, §5); in the float network they are the real numbers.
// Rows: z, r, nh, nx, H of each. The rows of nh have no input weights, those of nx no recurrent ones.
struct GruWeights {
  const float* recurrent;    // [3H][H]  z, r, nh
  const float* recurrent_t;  // [H][3H]  the same, transposed and as real numbers: for the backward pass
  const float* step;         // [4H]     weights of x
  const float* constant;     // [4H][K]
  const float* constant_t;   // [K][4H]  transposed, as real numbers
  const float* bias;         // [4H]
  const int* shift;          // [4H]     docs/fixed-point.md: s of the row; nullptr in the float network
};

// One tile: a fixed number of samples side by side; every array has these lanes innermost.
struct GruTile {
  float* x;          // [T][lane] input of every step, real
  float* constants;  // [K][lane] real
  float* saved;      // [T][kSavedPlanes][H][lane]
  float* state;      // [H][lane] the state after the last step, real
};

// Gradients of the weights, summed over tiles. Columns are padded to whole vectors (`padded`).
struct GruGradients {
  float* recurrent;  // [3H][padded H]
  float* constant;   // [4H][padded K]
  float* step;       // [4H][lane]
  float* bias;       // [4H][lane]
};

// What one tile needs in passing; one per thread.
struct GruScratch {
  float* sums;            // [4H][lane]
  float* base;            // [4H][lane]
  float* operands;        // [H][lane]
  float* row_gradients;   // [T][4H][lane]
  float* operands_t;      // [T][lane][padded H] states as the dot products saw them
  float* constants_t;     // [lane][padded K]
  float* state_gradient;  // [H][lane]
};

// The gradient that comes from outside: of the last state only, or of the state after every step.
struct OutputGradient {
  const float* values;  // [1 or T][H][lane]
  bool sequence;
};

struct GruKernels {
  const char* name;
  int register_lanes;
  int lanes;  // of a tile
  void (*forward_float)(const GruShape&, const GruWeights&, const GruTile&, const GruScratch&);
  // docs/fixed-point.md §2, bit for bit.
  void (*forward_quantized)(const GruShape&, const GruWeights&, const GruTile&, const GruScratch&);
  // Adds the tile's gradients; writes that of the constant inputs, [K][lane], unless it is nullptr. Straight-through:
  // rounding counts as identity, saturation stops the gradient.
  void (*backward_float)(const GruShape&, const GruWeights&, const GruTile&, const GruScratch&, const OutputGradient&,
                         const GruGradients&, float* constant_gradient);
  void (*backward_quantized)(const GruShape&, const GruWeights&, const GruTile&, const GruScratch&,
                             const OutputGradient&, const GruGradients&, float* constant_gradient);

  int padded(int columns) const { return (columns + register_lanes - 1) / register_lanes * register_lanes; }
};

extern const GruKernels kBaselineKernels;
#if defined(__x86_64__)
extern const GruKernels kAvx2Kernels;
extern const GruKernels kAvx512Kernels;
#endif

// The kernels this processor runs, fastest first.
std::vector<const GruKernels*> supported_kernels();

}  // namespace flimd::training
