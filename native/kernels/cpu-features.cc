#include "kernels/cpu-features.h"

#include "kernels/simd-target.h"

namespace flimd {

// The compiler's test covers both the processor and the operating system (it must save the wide registers).

std::vector<Simd> supported_simd() {
  std::vector<Simd> found;
#if FLIMD_X86_SIMD
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni")) {
    found.push_back(Simd::kAvx512Vnni);
  }
  if (__builtin_cpu_supports("avx2")) found.push_back(Simd::kAvx2);
#endif
  found.push_back(Simd::kScalar);
  return found;
}

bool supports_crc32() {
#if FLIMD_X86_SIMD
  __builtin_cpu_init();
  return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
#else
  return false;
#endif
}

}  // namespace flimd
