// The vector kernel in AVX2. Dot products are of int16 pairs: those of int8 (vpmaddubsw) would saturate.

#include "kernels/simd-target.h"

#if FLIMD_X86_SIMD

#include <immintrin.h>

#include <utility>

#include "generated/fixed_point.h"
#include "kernels/lifetime-kernel.h"
#include "kernels/packed-network.h"
#include "kernels/pixel-rules.h"

namespace flimd {

FLIMD_TARGET_BEGIN("avx2")
namespace {

struct Avx2Ops {
  using V = __m256i;
  static constexpr Simd kSimd = Simd::kAvx2;
  static constexpr int kLanes = 8;
  static constexpr int kGroup = 2;
  static constexpr int kOperandOffset = 0;
  static constexpr int kMaxTileBlocks = 1;
  static constexpr int kTileVectors = 4;  // × 3 kinds of rows = 12 of 16 registers

  static V zero() { return _mm256_setzero_si256(); }
  static V load(const void* at) { return _mm256_load_si256(static_cast<const V*>(at)); }
  static void store(void* at, V v) { _mm256_store_si256(static_cast<V*>(at), v); }
  static V broadcast(const void* at) {
    int lane;
    __builtin_memcpy(&lane, at, sizeof lane);
    return _mm256_set1_epi32(lane);
  }

  static V multiply32(V a, V b) { return _mm256_mullo_epi32(a, b); }
  template <int kShift>
  static V shift_right(V v) {
    return _mm256_srli_epi32(v, kShift);
  }
  static V bit_or(V a, V b) { return _mm256_or_si256(a, b); }
  // Of 0 … 2^20, exactly: float32 holds the number, and its root rounds up to no whole number below 2^12.
  static V floor_sqrt(V v) { return _mm256_cvttps_epi32(_mm256_sqrt_ps(_mm256_cvtepi32_ps(v))); }

  static V dot_group(V sum, V operand, V weights) { return dot_words(sum, operand, weights); }
  static V dot_words(V sum, V a, V b) {
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
    // Keeps GCC from adding in another order, for which it would keep every product in memory.
    asm("" : "+x"(sum));
    return sum;
  }
  static V shift_right_each(V v, V shifts) { return _mm256_srav_epi32(v, shifts); }
  static V pack(V even, V odd) { return _mm256_packs_epi32(even, odd); }

  static V add16(V a, V b) { return _mm256_add_epi16(a, b); }
  static V add_saturated(V a, V b) { return _mm256_adds_epi16(a, b); }
  static V mulhrs(V a, V b) { return _mm256_mulhrs_epi16(a, b); }
  static V complement(V z) { return _mm256_xor_si256(z, _mm256_set1_epi16(32767)); }

  // In both activations b is taken to 0 where the specification stops at 1 or 3: rounded, the squares are 0 alike.
  static V tanh(V p) {
    const V a2 = _mm256_adds_epu16(_mm256_abs_epi16(p), _mm256_abs_epi16(p));
    const V b = _mm256_subs_epu16(_mm256_subs_epu16(_mm256_set1_epi16(32767), a2), a2);
    const V y = _mm256_sub_epi16(_mm256_set1_epi16(fixed_point::kActivationOne), mulhrs(b, b));
    return _mm256_sign_epi16(y, p);
  }

  static V sigmoid(V p) {
    const V a = _mm256_abs_epi16(p);
    const V b = _mm256_subs_epu16(_mm256_subs_epu16(_mm256_set1_epi16(32767), a), a);
    const V y = _mm256_srli_epi16(_mm256_sub_epi16(_mm256_set1_epi16(fixed_point::kActivationOne), mulhrs(b, b)), 1);
    return _mm256_add_epi16(_mm256_set1_epi16(16384), _mm256_sign_epi16(y, p));
  }

  static V operand(V h) { return _mm256_srai_epi16(_mm256_adds_epi16(h, _mm256_set1_epi16(128)), 8); }
  static constexpr int operand_at(int unit, int odd) { return odd * 8 + unit * 2; }
};

#include "kernels/gate-counts-inl.h"
#include "kernels/pixel-stage-inl.h"
#include "kernels/vector-encoder-inl.h"
#include "kernels/vector-kernel-inl.h"

}  // namespace
FLIMD_TARGET_END

std::unique_ptr<LifetimeKernel> make_avx2_kernel(const Network& network, const GatePlan& plan) {
  return std::unique_ptr<LifetimeKernel>(new_vector_kernel<Avx2Ops>(network, plan));
}

}  // namespace flimd

#endif  // FLIMD_X86_SIMD
