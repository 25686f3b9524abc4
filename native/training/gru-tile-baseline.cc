// The encoder for whatever instruction set the compiler takes for granted (SSE2, NEON).
#define FLIMD_SIMD_NAMESPACE baseline
#define FLIMD_SIMD_KERNELS kBaselineKernels
#define FLIMD_SIMD_NAME "baseline"
#define FLIMD_LANES 4
#define FLIMD_BLOCK_ROWS 4
#include "gru-tile-inl.h"
