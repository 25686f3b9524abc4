// The vector kernel in AVX-512 with the int8 dot product of VNNI.

#include "kernels/simd-target.h"

#if FLIMD_X86_SIMD

// GCC 12 warns of its own header, wherever an intrinsic is inlined (GCC bug 105593). The code below that is not
// intrinsics is compiled with these warnings in avx2-kernel.cc.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#include <utility>

#include "generated/fixed_point.h"
#include "kernels/lifetime-kernel.h"
#include "kernels/packed-network.h"
#include "kernels/pixel-rules.h"

namespace flimd {

// GCC takes the width it prefers for its own vectors as part of the target; Clang would ignore the whole target.
#if defined(__clang__)
FLIMD_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512vnni")
#else
FLIMD_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512vnni,prefer-vector-width=512")
#endif
namespace {

struct Avx512VnniOps {
  using V = __m512i;
  static constexpr Simd kSimd = Simd::kAvx512Vnni;
  static constexpr int kLanes = 16;
  static constexpr int kGroup = 4;
  static constexpr int kOperandOffset = 128;  // vpdpbusd takes one operand unsigned
  static constexpr int kMaxTileBlocks = 2;
  static constexpr int kTileVectors = 8;  // × 3 kinds of rows = 24 of 32 registers

  static V zero() { return _mm512_setzero_si512(); }
  static V load(const void* at) { return _mm512_load_si512(at); }
  static void store(void* at, V v) { _mm512_store_si512(at, v); }
  static V broadcast(const void* at) {
    int lane;
    __builtin_memcpy(&lane, at, sizeof lane);
    return _mm512_set1_epi32(lane);
  }

  static V multiply32(V a, V b) { return _mm512_mullo_epi32(a, b); }
  template <int kShift>
  static V shift_right(V v) {
    return _mm512_srli_epi32(v, kShift);
  }
  static V bit_or(V a, V b) { return _mm512_or_si512(a, b); }
  // Of 0 … 2^20, exactly: float32 holds the number, and its root rounds up to no whole number below 2^12.
  static V floor_sqrt(V v) { return _mm512_cvttps_epi32(_mm512_sqrt_ps(_mm512_cvtepi32_ps(v))); }

  static V dot_group(V sum, V operand, V weights) { return _mm512_dpbusd_epi32(sum, operand, weights); }
  static V dot_words(V sum, V a, V b) { return _mm512_dpwssd_epi32(sum, a, b); }
  static V shift_right_each(V v, V shifts) { return _mm512_srav_epi32(v, shifts); }
  static V pack(V even, V odd) { return _mm512_packs_epi32(even, odd); }

  static V add16(V a, V b) { return _mm512_add_epi16(a, b); }
  static V add_saturated(V a, V b) { return _mm512_adds_epi16(a, b); }
  static V mulhrs(V a, V b) { return _mm512_mulhrs_epi16(a, b); }
  static V complement(V z) { return _mm512_xor_si512(z, _mm512_set1_epi16(32767)); }

  // In both activations b is taken to 0 where the specification stops at 1 or 3: rounded, the squares are 0 alike.
  static V tanh(V p) {
    const V a2 = _mm512_adds_epu16(_mm512_abs_epi16(p), _mm512_abs_epi16(p));
    const V b = _mm512_subs_epu16(_mm512_subs_epu16(_mm512_set1_epi16(32767), a2), a2);
    const V m = mulhrs(b, b);
    const V one = _mm512_set1_epi16(fixed_point::kActivationOne);
    return _mm512_mask_sub_epi16(_mm512_sub_epi16(one, m), _mm512_movepi16_mask(p), m, one);
  }

  // With e = ⌈m / 2⌉: 16384 ± ((32766 − m) >> 1) is 32767 − e or 1 + e.
  static V sigmoid(V p) {
    const V a = _mm512_abs_epi16(p);
    const V b = _mm512_subs_epu16(_mm512_subs_epu16(_mm512_set1_epi16(32767), a), a);
    const V e = _mm512_avg_epu16(mulhrs(b, b), zero());
    const V positive = _mm512_sub_epi16(_mm512_set1_epi16(32767), e);
    return _mm512_mask_add_epi16(positive, _mm512_movepi16_mask(p), e, _mm512_set1_epi16(1));
  }

  // d + 128 = ((h + 128, saturated) ^ 0x8000) >> 8: high bytes, gathered in the low half of every 128-bit lane.
  static V operand(V h) {
    const V rounded = _mm512_xor_si512(_mm512_adds_epi16(h, _mm512_set1_epi16(128)), _mm512_set1_epi16(-32768));
    const __m128i high_bytes = _mm_setr_epi8(1, 3, 5, 7, 9, 11, 13, 15, -1, -1, -1, -1, -1, -1, -1, -1);
    return _mm512_shuffle_epi8(rounded, _mm512_broadcast_i32x4(high_bytes));
  }
  static constexpr int operand_at(int unit, int odd) { return odd * 4 + unit; }
};

#include "kernels/gate-counts-inl.h"
#include "kernels/pixel-stage-inl.h"
#include "kernels/vector-encoder-inl.h"
#include "kernels/vector-kernel-inl.h"

}  // namespace
FLIMD_TARGET_END

std::unique_ptr<LifetimeKernel> make_avx512vnni_kernel(const Network& network, const GatePlan& plan) {
  return std::unique_ptr<LifetimeKernel>(new_vector_kernel<Avx512VnniOps>(network, plan));
}

}  // namespace flimd

#endif  // FLIMD_X86_SIMD
