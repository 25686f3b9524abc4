// The encoder for whatever instruction set the compiler takes for granted (SSE2, NEON).
#define FLIMD_SIMD_NAMESPACE baseline
#define FLIMD_SIMD_KERNELS kBaselineKernels
#define FLIMD_SIMD_NAME "baseline"
#define FLIMD_DOT_ROWS 4
#include "gru-tile-inl.h"

namespace flimd::training {

const GruKernels& best_kernels() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return kAvx512Kernels;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return kAvx2Kernels;
#endif
  return kBaselineKernels;
}

}  // namespace flimd::training
