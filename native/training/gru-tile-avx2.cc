#if defined(__x86_64__)
#include "gru-tile.h"
#include "kernels/simd-target.h"

FLIMD_TARGET_BEGIN("avx2,fma")
#define FLIMD_SIMD_NAMESPACE avx2
#define FLIMD_SIMD_KERNELS kAvx2Kernels
#define FLIMD_SIMD_NAME "avx2"
#define FLIMD_LANES 8
#define FLIMD_BLOCK_ROWS 4
#include "gru-tile-inl.h"
FLIMD_TARGET_END
#endif
