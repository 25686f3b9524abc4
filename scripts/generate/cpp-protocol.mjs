// The C++ header of the link protocol: packet layout, packet types, register addresses.

const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const constant = (name) => `k${name[0].toUpperCase()}${name.slice(1)}`;
const hex = (value, digits) => `0x${value.toString(16).padStart(digits, '0')}`;
const cppType = { u8: 'std::uint8_t', u16: 'std::uint16_t', u32: 'std::uint32_t', u64: 'std::uint64_t' };

function enumeration(name, type, values) {
  const lines = Object.entries(values).map(([key, value]) => `  ${constant(key)} = ${value},`);
  return [`enum class ${name} : ${type} {`, ...lines, '};'].join('\n');
}

export function cppProtocolHeader(protocol) {
  const fields = protocol.packetHeaderFields.map(
    (field) => `  ${cppType[field.type]} ${snake(field.name)};  // ${field.meaning}`,
  );
  const offsets = protocol.packetHeaderFields.map(
    (field) => `static_assert(offsetof(PacketHeader, ${snake(field.name)}) == ${field.offset});`,
  );
  const registers = protocol.registerBlocks.flatMap((block) =>
    block.registers.map(
      (r) =>
        `inline constexpr std::uint32_t ${constant(r.name)} = ${hex(r.address, 3)};  // ${r.words} word(s), ${r.access}`,
    ),
  );
  return `// Generated from src/protocol by \`npm run generate\`. Do not edit.
#pragma once

#include <cstddef>
#include <cstdint>

namespace flimd::protocol {

inline constexpr std::uint32_t kPacketMagic = ${hex(protocol.PACKET_MAGIC, 8)};  // "FLIM" in memory
inline constexpr std::uint8_t kPacketVersion = ${protocol.PACKET_VERSION};
inline constexpr std::size_t kPacketHeaderBytes = ${protocol.PACKET_HEADER_BYTES};
inline constexpr std::size_t kPacketHeaderCrcSpan = ${protocol.PACKET_HEADER_CRC_SPAN};
inline constexpr std::size_t kPacketMaxPayloadBytes = ${protocol.PACKET_MAX_PAYLOAD_BYTES};
inline constexpr std::uint32_t kCrc32cPolynomial = ${hex(protocol.CRC32C_POLYNOMIAL, 8)};  // reflected

// Little-endian.
struct PacketHeader {
${fields.join('\n')}
};
static_assert(sizeof(PacketHeader) == kPacketHeaderBytes);
${offsets.join('\n')}

${enumeration('PacketType', 'std::uint8_t', protocol.PacketType)}

${enumeration('LifetimePlane', 'std::uint16_t', protocol.LifetimePlane)}

inline constexpr std::uint32_t kRegisterMapMagic = ${hex(protocol.REGISTER_MAP_MAGIC, 8)};  // "FLMR" in memory
inline constexpr std::uint32_t kRegisterMapVersion = ${protocol.REGISTER_MAP_VERSION};
inline constexpr std::uint32_t kMaxRegisterWords = ${protocol.MAX_REGISTER_WORDS};

// Byte addresses.
namespace registers {
${registers.join('\n')}
}  // namespace registers

${enumeration('DeviceKind', 'std::uint32_t', protocol.DeviceKind)}
${enumeration('DeviceOutput', 'std::uint32_t', protocol.DeviceOutput)}
${enumeration('DeviceCommand', 'std::uint32_t', protocol.DeviceCommand)}
${enumeration('DeviceState', 'std::uint32_t', protocol.DeviceState)}
${enumeration('DeviceFault', 'std::uint32_t', protocol.DeviceFault)}
${enumeration('HistogramSource', 'std::uint32_t', protocol.HistogramSource)}
${enumeration('DeviceError', 'std::uint32_t', protocol.DeviceError)}

}  // namespace flimd::protocol
`;
}
