// The Verilog header of the link protocol: what firmware/rtl needs of packets and registers, as macros.

const macro = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
const hex = (value, digits) => value.toString(16).padStart(digits, '0');

/** `FLIMD_<prefix>_<NAME>` with a value of `bits` bits for each entry. */
const enumeration = (prefix, bits, values) =>
  Object.entries(values).map(([name, value]) => `\`define FLIMD_${prefix}_${macro(name)} ${bits}'d${value}`);

export function verilogProtocolHeader(protocol) {
  const { packetHeaderFields, registerBlocks } = protocol;
  const telemetry = registerBlocks.find(({ name }) => name === 'telemetry');
  return [
    '// Generated from src/protocol by `npm run generate`, where the meanings stand. Do not edit.',
    '`ifndef FLIMD_PROTOCOL_SVH',
    '`define FLIMD_PROTOCOL_SVH',
    '',
    `\`define FLIMD_PACKET_MAGIC 32'h${hex(protocol.PACKET_MAGIC, 8)}`,
    `\`define FLIMD_PACKET_VERSION 8'd${protocol.PACKET_VERSION}`,
    `\`define FLIMD_PACKET_HEADER_BYTES ${protocol.PACKET_HEADER_BYTES}`,
    `\`define FLIMD_PACKET_HEADER_CRC_SPAN ${protocol.PACKET_HEADER_CRC_SPAN}`,
    '',
    '// Byte offsets in a packet header.',
    ...packetHeaderFields.map(({ name, offset }) => `\`define FLIMD_OFFSET_${macro(name)} ${offset}`),
    '',
    `\`define FLIMD_CRC32C_POLYNOMIAL 32'h${hex(protocol.CRC32C_POLYNOMIAL, 8)} // reflected`,
    '',
    ...enumeration('PACKET', 8, protocol.PacketType),
    '',
    ...enumeration('PLANE', 16, protocol.LifetimePlane),
    `\`define FLIMD_PLANES 16'd${protocol.LIFETIME_PLANE_MASK}`,
    `\`define FLIMD_STANDARD_ERROR_PLANES 16'd${protocol.STANDARD_ERROR_PLANE_MASK}`,
    '',
    `\`define FLIMD_MAP_MAGIC 32'h${hex(protocol.REGISTER_MAP_MAGIC, 8)}`,
    `\`define FLIMD_MAP_VERSION 32'd${protocol.REGISTER_MAP_VERSION}`,
    `\`define FLIMD_TELEMETRY_WORDS ${telemetry.registers.reduce((sum, { words }) => sum + words, 0)}`,
    '',
    '// Byte addresses.',
    ...registerBlocks.flatMap(({ registers }) =>
      registers.map(({ name, address }) => `\`define FLIMD_REG_${macro(name)} 12'h${hex(address, 3)}`),
    ),
    '',
    ...enumeration('KIND', 32, protocol.DeviceKind),
    ...enumeration('OUTPUT', 32, protocol.DeviceOutput),
    ...enumeration('COMMAND', 32, protocol.DeviceCommand),
    ...enumeration('STATE', 32, protocol.DeviceState),
    ...enumeration('FAULT', 32, protocol.DeviceFault),
    ...enumeration('SOURCE', 32, protocol.HistogramSource),
    ...enumeration('ERROR', 32, protocol.DeviceError),
    '',
    '`endif',
    '',
  ].join('\n');
}
