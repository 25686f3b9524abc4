import type { ByteReader } from './byte-reader.js';
import { recordingError } from './recording-error.js';

/**
 * The parts of a Becker & Hickl SDT file before its data: "SPC_data_file_structure.h" of the SPCM software
 * (W. Becker, The bh TCSPC Handbook, appendix on data file structure). Offsets are of packed structures.
 */

const FILE_HEADER_BYTES = 42;
const HEADER_VALID = 0x5555;
/** The 16-bit words of a header add up to this. Writers other than SPCM leave the checksum 0 or put this number. */
const HEADER_CHECKSUM = 0x55aa;
/** In `no_of_data_blocks`: the number is elsewhere. */
const MANY_BLOCKS = 0x7fff;

export interface SdtFileHeader {
  /** Layout revision, 12 … 15. */
  revision: number;
  infoAt: number;
  infoBytes: number;
  firstBlockAt: number;
  blocks: number;
  measurementsAt: number;
  measurements: number;
  measurementBytes: number;
}

export function readFileHeader(file: ByteReader): SdtFileHeader {
  const header = file.part(0, FILE_HEADER_BYTES, 'file header');
  if (header.u16(32) !== HEADER_VALID) {
    throw recordingError('this is no SDT file', {
      value: `0x${header.u16(32).toString(16)} at byte 32`,
      expected: `0x${HEADER_VALID.toString(16)}`,
      action: 'give a .sdt file of Becker & Hickl software, or a zip with one inside',
    });
  }
  checkSum(header);
  const blocks = header.u16(18);
  return {
    revision: header.u16(0) & 0xf,
    infoAt: header.i32(2),
    infoBytes: header.i16(6),
    firstBlockAt: header.i32(14),
    blocks: blocks === MANY_BLOCKS ? header.u32(34) : blocks,
    measurementsAt: header.i32(24),
    measurements: header.i16(28),
    measurementBytes: header.i16(30),
  };
}

function checkSum(header: ByteReader): void {
  const stored = header.u16(40);
  if (stored === 0 || stored === HEADER_CHECKSUM) return;
  let sum = 0;
  for (let at = 0; at < FILE_HEADER_BYTES; at += 2) sum += header.u16(at);
  if ((sum & 0xffff) === HEADER_CHECKSUM) return;
  throw recordingError('the file header is damaged: its checksum does not fit', {
    value: `0x${(sum & 0xffff).toString(16)}`,
    expected: `0x${HEADER_CHECKSUM.toString(16)}`,
    action: 'copy the file again from where it was recorded',
  });
}

/** What a measurement description block says that matters for an image of decays. */
export interface SdtMeasurement {
  recordedAt: string;
  module: string;
  tacRangeS: number;
  tacGain: number;
  /** Discriminator limits of the converter, % of its range; 0 and 0 where not set. */
  lowLimitPercent: number;
  highLimitPercent: number;
  /** Time bins of a decay. */
  bins: number;
  collectionTimeS: number;
  /** Counts added for every photon. */
  countIncrement: number;
  scan: ImageShape;
  /** Camera and FIFO image modes; zeros in files that end before these fields. */
  image: ImageShape;
  /** Laser rate as counted during the measurement; null where the file does not hold it. */
  syncRateHz: number | null;
}

/** Pixels, and how many images of routing channels lie side by side. */
export interface ImageShape {
  width: number;
  height: number;
  channelsX: number;
  channelsY: number;
}

/** Bytes of the block up to `scan_ry`, without which it is of no use. */
const LEAST_MEASUREMENT_BYTES = 189;
const STOP_INFO_END = 271;
const IMAGE_SHAPE_END = 325;

export function readMeasurement(file: ByteReader, header: SdtFileHeader, index: number): SdtMeasurement {
  if (index < 0 || index >= header.measurements || header.measurementBytes < LEAST_MEASUREMENT_BYTES) {
    throw recordingError('a data block has no measurement description', {
      value: index,
      expected: `one of ${header.measurements}, of at least ${LEAST_MEASUREMENT_BYTES} bytes`,
    });
  }
  const at = header.measurementsAt + index * header.measurementBytes;
  const block = file.part(at, header.measurementBytes, 'measurement description');
  const shape = (from: number): ImageShape => ({
    width: block.i32(from),
    height: block.i32(from + 4),
    channelsX: block.i32(from + 8),
    channelsY: block.i32(from + 12),
  });
  const syncRateHz = block.length >= STOP_INFO_END ? block.f32(247) : 0;
  return {
    recordedAt: `${block.text(9, 11)} ${block.text(0, 9)}`.trim(),
    module: block.text(117, 16),
    tacRangeS: block.f32(64),
    tacGain: block.i16(68),
    lowLimitPercent: block.f32(74),
    highLimitPercent: block.f32(78),
    // 0 stands for 65536, which does not fit the field.
    bins: block.u16(82) || 65536,
    collectionTimeS: block.f32(92),
    countIncrement: block.i16(113),
    scan: shape(173),
    image: block.length >= IMAGE_SHAPE_END ? shape(309) : { width: 0, height: 0, channelsX: 0, channelsY: 0 },
    syncRateHz: syncRateHz > 0 ? syncRateHz : null,
  };
}

/** The lines "Key : value" of the information text, by lower-case key. */
export function readInformation(file: ByteReader, header: SdtFileHeader): Map<string, string> {
  const text = file.part(header.infoAt, header.infoBytes, 'file information').text(0, header.infoBytes);
  const lines = text.split(/\r?\n/).flatMap((line) => {
    const [, key, value] = /^\s*(\w+)\s*:\s*(.*)$/.exec(line) ?? [];
    return key ? [[key.toLowerCase(), value!.replace(/[^\x20-\xff]/g, '').trim()] as const] : [];
  });
  return new Map(lines);
}
