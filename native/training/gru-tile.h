// The seam between the recurrent encoder's bookkeeping (gru-encoder.cc) and its arithmetic, which is compiled once
// per instruction set (gru-tile-*.cc around gru-tile-inl.h).
#pragma once

#include <cstddef>
#include <vector>

namespace flimd::training {

// docs/fixed-point.md §2: H is a multiple of 4, at most 64.
inline constexpr int kMaxHidden = 64;
// Planes of H × lanes floats kept per time step: pre-activations of z, r, nh and of the candidate (nx + r·nh),
// and the state before the step; all as real numbers.
inline constexpr int kSavedPlanes = 5;

// Weights of one network, laid out for the kernels. In the quantized network weights and biases are the integers
// of docs/fixed-point.md (exact in float32, §5); in the float network they are the real numbers.
// Rows: z, r, nh, nx, H of each. The rows of nh have no input weights, those of nx no recurrent ones.
struct GruWeights {
  const float* recurrent;    // [3H][H]  z, r, nh
  const float* recurrent_t;  // [H][3H]  the same, transposed and as real numbers: for the backward pass
  const float* input;        // [4H][2]  weights of the gate's input x and of the photon feature u
  const float* bias;         // [4H]
  const int* shift;          // [4H]     docs/fixed-point.md: s of the row; nullptr in the float network
};

struct GruShape {
  int hidden;
  int gates;
};

// One tile: as many samples side by side as a vector register has lanes; every array has the lanes innermost.
struct GruTile {
  float* x;      // [G][lane] input of every gate, real
  float* u;      // [lane] photon feature, real
  float* saved;    // [G][kSavedPlanes][H][lane]
  float* state;    // [H][lane] forward: the state after the last gate, real; backward: its gradient, destroyed
};

// Gradients, summed over tiles and lanes only at the end: [row][input][lane].
struct GruGradients {
  float* recurrent;  // [3H][H][lane]
  float* input;      // [4H][2][lane]
  float* bias;       // [4H][lane]
  // What one tile needs in passing.
  float* row_gradients;  // [G][4H][lane]
  float* dot_states;     // [G][H][lane] the state as the dot products saw it
};

struct GruKernels {
  const char* name;
  int lanes;
  void (*forward_float)(const GruShape&, const GruWeights&, const GruTile&);
  // docs/fixed-point.md §2, bit for bit.
  void (*forward_quantized)(const GruShape&, const GruWeights&, const GruTile&);
  // Adds the tile's gradients. Straight-through: rounding counts as identity, saturation stops the gradient.
  void (*backward_float)(const GruShape&, const GruWeights&, const GruTile&, const GruGradients&);
  void (*backward_quantized)(const GruShape&, const GruWeights&, const GruTile&, const GruGradients&);
};

extern const GruKernels kBaselineKernels;
#if defined(__x86_64__)
extern const GruKernels kAvx2Kernels;
extern const GruKernels kAvx512Kernels;
#endif

// The kernels this processor runs, fastest first.
std::vector<const GruKernels*> supported_kernels();

}  // namespace flimd::training
