#include "kernels/kernel-dispatch.h"

#include "kernels/simd-target.h"

namespace flimd {

std::vector<Simd> supported_simd() {
  std::vector<Simd> found;
#if FLIMD_X86_SIMD
  // The compiler's test covers the processor and the operating system, which must save the wide registers.
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512vnni")) {
    found.push_back(Simd::kAvx512Vnni);
  }
  if (__builtin_cpu_supports("avx2")) found.push_back(Simd::kAvx2);
#endif
  found.push_back(Simd::kScalar);
  return found;
}

std::unique_ptr<LifetimeKernel> make_kernel(Simd simd, const Network& network, const GatePlan& plan) {
#if FLIMD_X86_SIMD
  if (simd == Simd::kAvx512Vnni) return make_avx512vnni_kernel(network, plan);
  if (simd == Simd::kAvx2) return make_avx2_kernel(network, plan);
#endif
  (void)simd;
  return make_scalar_kernel(network, plan);
}

}  // namespace flimd
