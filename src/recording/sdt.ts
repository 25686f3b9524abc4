import { readFile, stat } from 'node:fs/promises';
import { FlimdError } from '../protocol/errors.js';
import { ByteReader } from './byte-reader.js';
import { recordingError } from './recording-error.js';
import { readBlocks, type SdtBlock } from './sdt-block.js';
import { readFileHeader, readInformation, readMeasurement, type SdtMeasurement } from './sdt-header.js';
import { divideByIncrement, locateImages, readCounts, sumOfDecays } from './sdt-image.js';
import { usableBins } from './usable-bins.js';
import { isZip, readZipEntry } from './zip-entry.js';

export interface SdtOptions {
  /** Which image, where the file holds several (routing channels, data blocks); from 0, in file order. */
  channel?: number;
  /** Largest file and largest unpacked content, bytes. */
  maxBytes?: number;
}

/** A recorded image of decays. */
export interface SdtRecording {
  width: number;
  height: number;
  bins: number;
  binWidthPs: number;
  /** Length of the recorded window. Not the laser period, which the file does not hold. */
  windowPs: number;
  /** Photons `[y][x][bin]`: counts of the file divided by `countIncrement`. */
  counts: Uint16Array;
  /** What the recorder added for every photon. */
  countIncrement: number;
  /** Bins with undistorted counts: from `firstUsableBin` up to, not including, `endUsableBin`. */
  firstUsableBin: number;
  endUsableBin: number;
  title: string;
  instrument: string;
  recordedAt: string;
  collectionTimeS: number;
  /** Laser rate as counted while recording; null where the file does not hold it. */
  syncRateHz: number | null;
  /** Images in the file, of which this is one. */
  channels: number;
}

const DEFAULT_MAX_BYTES = 512 * 1024 * 1024;

/**
 * Reads an image of decays from a Becker & Hickl SDT file, by its path or its bytes; also from a zip archive
 * that holds one.
 * @throws FlimdError FLIMD_E_RECORDING where it cannot be read, is damaged, or holds no such image.
 */
export async function readSdt(source: string | Uint8Array, options: SdtOptions = {}): Promise<SdtRecording> {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  if (typeof source !== 'string') return parseSdt(source, options);
  const bytes = await load(source, maxBytes);
  try {
    return parseSdt(bytes, options);
  } catch (error) {
    if (!(error instanceof FlimdError)) throw error;
    throw recordingError(`${source}: ${error.message}`, error.details, error);
  }
}

async function load(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) {
      throw recordingError(`${path} is too large`, { value: size, expected: `at most ${maxBytes} bytes` });
    }
    return await readFile(path);
  } catch (error) {
    if (error instanceof FlimdError) throw error;
    throw recordingError(
      `cannot read ${path}: ${(error as Error).message}`,
      { value: path, action: 'check the path and the permissions' },
      error,
    );
  }
}

/** `readSdt` for bytes. */
export function parseSdt(bytes: Uint8Array, options: SdtOptions = {}): SdtRecording {
  const { channel = 0, maxBytes = DEFAULT_MAX_BYTES } = options;
  const file = new ByteReader(unzipped(bytes, maxBytes), 'file');
  const header = readFileHeader(file);
  const blocks = readBlocks(file, header);
  const images = blocks.flatMap((block) =>
    block.content === 'image' ? locateImages(block, readMeasurement(file, header, block.measurement)) : [],
  );
  const image = images[channel];
  if (!image) throw noImage(blocks, images.length, channel);
  const { measurement } = image;
  const counts = readCounts(file, image, maxBytes);
  const countIncrement = divideByIncrement(counts, measurement.countIncrement);
  const usable = usableBins(
    sumOfDecays(counts, measurement.bins),
    measurement.lowLimitPercent,
    measurement.highLimitPercent,
  );
  const information = readInformation(file, header);
  return {
    width: image.width,
    height: image.height,
    bins: measurement.bins,
    ...timeAxis(measurement),
    counts,
    countIncrement,
    firstUsableBin: usable.first,
    endUsableBin: usable.end,
    title: information.get('title') ?? '',
    instrument: measurement.module || 'Becker & Hickl',
    recordedAt: [information.get('date'), information.get('time')].join(' ').trim() || measurement.recordedAt,
    collectionTimeS: measurement.collectionTimeS,
    syncRateHz: measurement.syncRateHz,
    channels: images.length,
  };
}

function unzipped(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (!isZip(bytes)) return bytes;
  const content = readZipEntry(bytes, (name) => /\.sdt$/i.test(name), maxBytes);
  if (content) return content;
  throw recordingError('the zip archive holds no .sdt file', { action: 'give an archive with one inside' });
}

function timeAxis({ tacRangeS, tacGain, bins }: SdtMeasurement): { binWidthPs: number; windowPs: number } {
  const windowPs = Number(((tacRangeS / tacGain) * 1e12).toPrecision(9));
  // From the fastest converter's 16 ps window up to a second: beyond that a header is damaged.
  if (!(windowPs > 1 && windowPs < 1e12)) {
    throw recordingError('the time axis of the recording makes no sense', {
      value: `TAC range ${tacRangeS} s, gain ${tacGain}`,
      expected: 'a window between 1 ps and 1 s',
    });
  }
  return { binWidthPs: windowPs / bins, windowPs };
}

function noImage(blocks: readonly SdtBlock[], images: number, channel: number): FlimdError {
  if (images > 0) {
    return recordingError('there is no such channel in the recording', {
      value: channel,
      expected: `0 to ${images - 1}`,
    });
  }
  const found = [...new Set(blocks.map((block) => block.content))].join(', ') || 'no data at all';
  return recordingError(`the recording holds no image of decays but ${found}`, {
    value: found,
    expected: 'an image of decays (scan or FIFO image mode)',
    action: 'give a FLIM image, or export one from the recording software',
  });
}
