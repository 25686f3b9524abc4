import { type Crc32c, crc32c as portableCrc32c } from './crc32c.js';

/**
 * The link packet: a 48-byte little-endian header and a payload. Written once here as data; `npm run generate`
 * makes the C++ header and the tables of docs/protocol.md from it.
 */
export interface PacketField {
  readonly name: string;
  readonly offset: number;
  readonly type: 'u8' | 'u16' | 'u32' | 'u64';
  readonly meaning: string;
}

/** The bytes "FLIM" in memory order. */
export const PACKET_MAGIC = 0x4d494c46;
export const PACKET_VERSION = 1;
export const PACKET_HEADER_BYTES = 48;
/** Bytes of the header that `headerCrc` covers: all before it. */
export const PACKET_HEADER_CRC_SPAN = 44;
/** A header that announces more is not believed, whatever its CRC says. */
export const PACKET_MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;

export const packetHeaderFields: readonly PacketField[] = [
  { name: 'magic', offset: 0, type: 'u32', meaning: 'the bytes "FLIM"; the decoder resynchronises on it' },
  { name: 'version', offset: 4, type: 'u8', meaning: 'packet layout version, 1' },
  { name: 'type', offset: 5, type: 'u8', meaning: 'packet type, see below' },
  {
    name: 'planes',
    offset: 6,
    type: 'u16',
    meaning: 'lifetimes packets: bit mask of the planes in the payload; otherwise 0',
  },
  {
    name: 'series',
    offset: 8,
    type: 'u32',
    meaning: 'series the packet belongs to, as the host wrote it before arm; 0 outside a series',
  },
  { name: 'frame', offset: 12, type: 'u32', meaning: 'frame number in the series, from 0' },
  {
    name: 'sequence',
    offset: 16,
    type: 'u32',
    meaning: 'packet number in the series, from 0, without gaps; on the control channel the request number',
  },
  { name: 'firstRow', offset: 20, type: 'u16', meaning: 'first image row in the payload' },
  { name: 'rowCount', offset: 22, type: 'u16', meaning: 'image rows in the payload' },
  { name: 'payloadBytes', offset: 24, type: 'u32', meaning: 'payload length; at most 4 MiB' },
  { name: 'reserved', offset: 28, type: 'u32', meaning: '0' },
  {
    name: 'deviceTicks',
    offset: 32,
    type: 'u64',
    meaning: 'device clock when the packet was made, in ticks of `tickHz`',
  },
  { name: 'payloadCrc', offset: 40, type: 'u32', meaning: 'CRC-32C of the payload' },
  { name: 'headerCrc', offset: 44, type: 'u32', meaning: 'CRC-32C of header bytes 0 to 43' },
];

export const PacketType = {
  lifetimes: 1,
  histograms: 2,
  telemetry: 3,
  endOfFrame: 4,
  endOfSeries: 5,
  attach: 16,
  attached: 17,
  registerRead: 18,
  registerWrite: 19,
  registerReply: 20,
  refused: 21,
} as const;
export type PacketType = (typeof PacketType)[keyof typeof PacketType];

export const packetTypes: readonly { name: keyof typeof PacketType; direction: string; payload: string }[] = [
  {
    name: 'lifetimes',
    direction: 'device → host',
    payload: 'the planes of `planes` in ascending bit order, each `rowCount × width` elements',
  },
  { name: 'histograms', direction: 'device → host', payload: 'u16 photon counts `[row][x][bin]`' },
  {
    name: 'telemetry',
    direction: 'device → host',
    payload: 'the words of the telemetry register block, in register order',
  },
  {
    name: 'endOfFrame',
    direction: 'device → host',
    payload:
      'u64 frame start ticks, u64 frame end ticks, u32 packets of the frame with this one, u32 frames the device dropped so far',
  },
  {
    name: 'endOfSeries',
    direction: 'device → host',
    payload: 'u32 packets of the series with this one, u32 frames sent, u32 frames dropped by the device',
  },
  {
    name: 'attach',
    direction: 'host → device',
    payload: 'u32 channel: 0 control, 1 data; first packet of every TCP connection',
  },
  { name: 'attached', direction: 'device → host', payload: 'empty; the channel is open' },
  { name: 'registerRead', direction: 'host → device', payload: 'u32 address, u32 words (1 to 256)' },
  { name: 'registerWrite', direction: 'host → device', payload: 'u32 address, u32 words, then the words' },
  {
    name: 'registerReply',
    direction: 'device → host',
    payload: 'u32 address, u32 words, then the words (a write is answered with 0 words)',
  },
  { name: 'refused', direction: 'device → host', payload: 'UTF-8 text: why the request was refused' },
];

/** What a connection is for; the payload of its `attach` packet. */
export const LinkChannel = { control: 0, data: 1 } as const;

/** Planes of a lifetimes packet, in payload order. */
export const LifetimePlane = {
  meanLifetimeAmplitude: 1,
  meanLifetimeIntensity: 2,
  photons: 4,
  standardErrorAmplitude: 8,
  standardErrorIntensity: 16,
} as const;

export const lifetimePlanes: readonly { name: keyof typeof LifetimePlane; bytes: 2 | 4; meaning: string }[] =
  [
    {
      name: 'meanLifetimeAmplitude',
      bytes: 2,
      meaning: 'amplitude-weighted mean lifetime, u16 ps, 0 = no valid estimate',
    },
    {
      name: 'meanLifetimeIntensity',
      bytes: 2,
      meaning: 'intensity-weighted mean lifetime, u16 ps, 0 = no valid estimate',
    },
    { name: 'photons', bytes: 4, meaning: 'photons of the pixel in the gates of the model, u32' },
    {
      name: 'standardErrorAmplitude',
      bytes: 2,
      meaning: 'optional: standard error of `meanLifetimeAmplitude`, u16 ps, 0 = no valid estimate',
    },
    {
      name: 'standardErrorIntensity',
      bytes: 2,
      meaning: 'optional: standard error of `meanLifetimeIntensity`, u16 ps, 0 = no valid estimate',
    },
  ];

/** Planes that every camera with a network sends. */
export const LIFETIME_PLANE_MASK =
  LifetimePlane.meanLifetimeAmplitude | LifetimePlane.meanLifetimeIntensity | LifetimePlane.photons;

/** Planes that a camera may have (`DeviceOutput.standardErrors`): both or none. */
export const STANDARD_ERROR_PLANE_MASK =
  LifetimePlane.standardErrorAmplitude | LifetimePlane.standardErrorIntensity;

export interface PacketHeader {
  type: number;
  planes: number;
  series: number;
  frame: number;
  sequence: number;
  firstRow: number;
  rowCount: number;
  payloadBytes: number;
  /** Device clock in ticks; exact up to 2^53. */
  deviceTicks: number;
  payloadCrc: number;
}

const TWO_32 = 0x1_0000_0000;

/** Writes header and both CRCs in front of the payload, which must already stand at `at + PACKET_HEADER_BYTES`. */
export function sealPacket(
  bytes: Uint8Array,
  at: number,
  header: Omit<PacketHeader, 'payloadCrc'>,
  crc: Crc32c = portableCrc32c,
): void {
  const payloadAt = at + PACKET_HEADER_BYTES;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, PACKET_HEADER_BYTES);
  view.setUint32(0, PACKET_MAGIC, true);
  view.setUint8(4, PACKET_VERSION);
  view.setUint8(5, header.type);
  view.setUint16(6, header.planes, true);
  view.setUint32(8, header.series, true);
  view.setUint32(12, header.frame, true);
  view.setUint32(16, header.sequence, true);
  view.setUint16(20, header.firstRow, true);
  view.setUint16(22, header.rowCount, true);
  view.setUint32(24, header.payloadBytes, true);
  view.setUint32(28, 0, true);
  view.setUint32(32, header.deviceTicks % TWO_32, true);
  view.setUint32(36, Math.floor(header.deviceTicks / TWO_32), true);
  view.setUint32(40, crc(bytes.subarray(payloadAt, payloadAt + header.payloadBytes)), true);
  view.setUint32(44, crc(bytes.subarray(at, at + PACKET_HEADER_CRC_SPAN)), true);
}

/** A whole packet with the given payload, for the slow paths (control, telemetry, tests). */
export function encodePacket(
  header: Partial<PacketHeader> & { type: number },
  payload: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const bytes = new Uint8Array(PACKET_HEADER_BYTES + payload.length);
  bytes.set(payload, PACKET_HEADER_BYTES);
  sealPacket(bytes, 0, {
    type: header.type,
    planes: header.planes ?? 0,
    series: header.series ?? 0,
    frame: header.frame ?? 0,
    sequence: header.sequence ?? 0,
    firstRow: header.firstRow ?? 0,
    rowCount: header.rowCount ?? 0,
    payloadBytes: payload.length,
    deviceTicks: header.deviceTicks ?? 0,
  });
  return bytes;
}

/** The first packet of a connection. */
export function encodeAttach(channel: (typeof LinkChannel)[keyof typeof LinkChannel]): Uint8Array {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, channel, true);
  return encodePacket({ type: PacketType.attach }, payload);
}

/**
 * The header at `at`, or null where the 48 bytes there are no sound header (magic, version, length bound, CRC).
 * `out` is overwritten and returned, so that the hot path allocates nothing.
 */
export function decodeHeader(
  view: DataView,
  bytes: Uint8Array,
  at: number,
  out: PacketHeader,
  crc: Crc32c = portableCrc32c,
): PacketHeader | null {
  if (view.getUint32(at, true) !== PACKET_MAGIC) return null;
  if (view.getUint8(at + 4) !== PACKET_VERSION) return null;
  const payloadBytes = view.getUint32(at + 24, true);
  if (payloadBytes > PACKET_MAX_PAYLOAD_BYTES) return null;
  if (view.getUint32(at + 44, true) !== crc(bytes.subarray(at, at + PACKET_HEADER_CRC_SPAN))) return null;
  out.type = view.getUint8(at + 5);
  out.planes = view.getUint16(at + 6, true);
  out.series = view.getUint32(at + 8, true);
  out.frame = view.getUint32(at + 12, true);
  out.sequence = view.getUint32(at + 16, true);
  out.firstRow = view.getUint16(at + 20, true);
  out.rowCount = view.getUint16(at + 22, true);
  out.payloadBytes = payloadBytes;
  out.deviceTicks = view.getUint32(at + 32, true) + view.getUint32(at + 36, true) * TWO_32;
  out.payloadCrc = view.getUint32(at + 40, true);
  return out;
}

export function emptyHeader(): PacketHeader {
  return {
    type: 0,
    planes: 0,
    series: 0,
    frame: 0,
    sequence: 0,
    firstRow: 0,
    rowCount: 0,
    payloadBytes: 0,
    deviceTicks: 0,
    payloadCrc: 0,
  };
}
