#include "gru-tile.h"

namespace flimd::training {

std::vector<const GruKernels*> supported_kernels() {
  std::vector<const GruKernels*> kernels;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) kernels.push_back(&kAvx512Kernels);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) kernels.push_back(&kAvx2Kernels);
#endif
  kernels.push_back(&kBaselineKernels);
  return kernels;
}

}  // namespace flimd::training
