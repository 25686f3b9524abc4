// CRC-32C (Castagnoli, RFC 3720 appendix B.4).
#pragma once

#include <cstddef>
#include <cstdint>

namespace flimd {

// Of a whole byte run, by the processor's CRC instruction where it has one.
std::uint32_t crc32c(const std::uint8_t* bytes, std::size_t length);

}  // namespace flimd
