#if defined(__x86_64__)
#include "gru-tile.h"
#include "simd-target.h"

FLIMD_TARGET_BEGIN("avx512f,avx2,fma")
#define FLIMD_SIMD_NAMESPACE avx512
#define FLIMD_SIMD_KERNELS kAvx512Kernels
#define FLIMD_SIMD_NAME "avx512"
// Eight sums hide the latency of two fused multiply-adds a cycle.
#define FLIMD_DOT_ROWS 8
#include "gru-tile-inl.h"
FLIMD_TARGET_END
#endif
