#include "kernels/crc32c.h"

#include <array>
#include <cstring>

#include "generated/protocol.h"
#include "kernels/simd-target.h"

#if FLIMD_X86_SIMD
#include <immintrin.h>
#endif

namespace flimd {
namespace {

constexpr std::uint32_t kPolynomial = protocol::kCrc32cPolynomial;

// x · v mod P, both bit-reflected.
constexpr std::uint32_t times_x(std::uint32_t v) { return v & 1 ? v >> 1 ^ kPolynomial : v >> 1; }

// table[s][b]: the CRC of byte b followed by s zero bytes ("slicing by 8").
constexpr std::array<std::array<std::uint32_t, 256>, 8> slicing_tables() {
  std::array<std::array<std::uint32_t, 256>, 8> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = times_x(crc);
    table[0][byte] = crc;
  }
  for (std::size_t slice = 1; slice < 8; ++slice) {
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t previous = table[slice - 1][byte];
      table[slice][byte] = previous >> 8 ^ table[0][previous & 0xff];
    }
  }
  return table;
}

constexpr auto kTable = slicing_tables();

std::uint32_t crc32c_portable(const std::uint8_t* bytes, std::size_t length) {
  std::uint32_t crc = 0xffffffff;
  for (; length >= 8; bytes += 8, length -= 8) {
    std::uint32_t next = 0;
    for (int i = 0; i < 4; ++i) next ^= kTable[7 - i][(crc >> (8 * i) & 0xff) ^ bytes[i]];
    for (int i = 4; i < 8; ++i) next ^= kTable[7 - i][bytes[i]];
    crc = next;
  }
  for (; length > 0; ++bytes, --length) crc = crc >> 8 ^ kTable[0][(crc ^ *bytes) & 0xff];
  return ~crc;
}

#if FLIMD_X86_SIMD

// x^exponent mod P, bit-reflected.
constexpr std::uint32_t power_of_x(std::size_t exponent) {
  std::uint32_t power = 0x80000000;
  for (std::size_t i = 0; i < exponent; ++i) power = times_x(power);
  return power;
}

FLIMD_TARGET_BEGIN("sse4.2,pclmul")

std::uint64_t word_at(const std::uint8_t* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// The CRC register after kZeroBytes more zero bytes: times x^(8·kZeroBytes). The instruction multiplies its operand
// by x^32, and the product of two reflected numbers comes out times x: hence the 33.
template <std::size_t kZeroBytes>
std::uint64_t shift_register(std::uint64_t crc) {
  constexpr std::uint32_t kPower = power_of_x(8 * kZeroBytes - 33);
  const __m128i factor = _mm_cvtsi64_si128(static_cast<long long>(crc));
  const __m128i product = _mm_clmulepi64_si128(factor, _mm_cvtsi64_si128(kPower), 0);
  return _mm_crc32_u64(0, static_cast<std::uint64_t>(_mm_cvtsi128_si64(product)));
}

// Whole triples of kLaneBytes. The instruction takes 3 cycles but one can start in every cycle: three runs at once.
template <std::size_t kLaneBytes>
std::uint64_t crc_triples(std::uint64_t crc, const std::uint8_t*& bytes, std::size_t& length) {
  for (; length >= 3 * kLaneBytes; bytes += 3 * kLaneBytes, length -= 3 * kLaneBytes) {
    std::uint64_t second = 0, third = 0;
    for (std::size_t i = 0; i < kLaneBytes; i += 8) {
      crc = _mm_crc32_u64(crc, word_at(bytes + i));
      second = _mm_crc32_u64(second, word_at(bytes + kLaneBytes + i));
      third = _mm_crc32_u64(third, word_at(bytes + 2 * kLaneBytes + i));
    }
    crc = shift_register<2 * kLaneBytes>(crc) ^ shift_register<kLaneBytes>(second) ^ third;
  }
  return crc;
}

std::uint32_t crc32c_sse42(const std::uint8_t* bytes, std::size_t length) {
  std::uint64_t crc = 0xffffffff;
  crc = crc_triples<2048>(crc, bytes, length);
  crc = crc_triples<128>(crc, bytes, length);
  for (; length >= 8; bytes += 8, length -= 8) crc = _mm_crc32_u64(crc, word_at(bytes));
  auto tail = static_cast<std::uint32_t>(crc);
  for (; length > 0; ++bytes, --length) tail = _mm_crc32_u8(tail, *bytes);
  return ~tail;
}

FLIMD_TARGET_END

std::uint32_t crc32c_fastest(const std::uint8_t* bytes, std::size_t length) {
  static const bool has_instruction = [] {
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
  }();
  return has_instruction ? crc32c_sse42(bytes, length) : crc32c_portable(bytes, length);
}
#else
constexpr auto crc32c_fastest = crc32c_portable;
#endif

}  // namespace

std::uint32_t crc32c(const std::uint8_t* bytes, std::size_t length) { return crc32c_fastest(bytes, length); }

}  // namespace flimd
