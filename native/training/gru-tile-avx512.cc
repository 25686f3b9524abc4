#if defined(__x86_64__)
#include "gru-tile.h"
#include "kernels/simd-target.h"

FLIMD_TARGET_BEGIN("avx512f,avx2,fma")
#define FLIMD_SIMD_NAMESPACE avx512
#define FLIMD_SIMD_KERNELS kAvx512Kernels
#define FLIMD_SIMD_NAME "avx512"
#define FLIMD_LANES 16
#define FLIMD_BLOCK_ROWS 8
#include "gru-tile-inl.h"
FLIMD_TARGET_END
#endif
