// An independent reader of a packet stream, written against the generated header only. Reads standard input,
// prints one line a packet: type series frame sequence first_row row_count payload_bytes device_ticks payload_ok.
#include "generated/protocol.h"

#include <cstdio>
#include <cstring>
#include <iterator>
#include <iostream>
#include <vector>

namespace protocol = flimd::protocol;

static std::uint32_t crc32c(const std::uint8_t* bytes, std::size_t size) {
  std::uint32_t crc = 0xffffffffu;
  for (std::size_t i = 0; i < size; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (protocol::kCrc32cPolynomial & (0u - (crc & 1u)));
  }
  return ~crc;
}

int main() {
  const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(std::cin), {}};
  std::size_t at = 0;
  while (at + protocol::kPacketHeaderBytes <= bytes.size()) {
    protocol::PacketHeader header;
    std::memcpy(&header, &bytes[at], sizeof header);
    if (header.magic != protocol::kPacketMagic || header.version != protocol::kPacketVersion) return 1;
    if (header.header_crc != crc32c(&bytes[at], protocol::kPacketHeaderCrcSpan)) return 2;
    const std::uint8_t* payload = bytes.data() + at + protocol::kPacketHeaderBytes;
    at += protocol::kPacketHeaderBytes + header.payload_bytes;
    if (at > bytes.size()) return 3;
    std::printf("%u %u %u %u %u %u %u %llu %d\n", header.type, header.series, header.frame, header.sequence,
                header.first_row, header.row_count, header.payload_bytes,
                static_cast<unsigned long long>(header.device_ticks),
                crc32c(payload, header.payload_bytes) == header.payload_crc);
  }
  return at == bytes.size() ? 0 : 4;
}
