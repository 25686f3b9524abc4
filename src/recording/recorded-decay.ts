import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { FlimdError } from '../protocol/errors.js';
import { parseDecayText } from './decay-text.js';
import { recordingError } from './recording-error.js';
import { parseSdt, type SdtRecording } from './sdt.js';
import { sumOfDecays } from './sdt-image.js';
import { type BinRange, usableBins } from './usable-bins.js';

/** One histogram of arrival times: of a text file, or the summed decay of an image. */
export interface RecordedDecay {
  /** Start of the first bin on the instrument's time axis, ps. */
  startPs: number;
  binWidthPs: number;
  counts: Float64Array;
  usable: BinRange;
  source: FileSource;
  /** Where the decay is the sum of one. */
  image: SdtRecording | null;
}

/** What a result was made from: the name without its folder, and the hash of the bytes. */
export interface FileSource {
  name: string;
  sha256: string;
}

const MAX_BYTES = 512 * 1024 * 1024;
const isSdt = (file: string): boolean => /\.sdt(\.zip)?$/i.test(file);

/**
 * Reads a decay or a measured response: Becker & Hickl SDT (`.sdt`, `.sdt.zip`) by its name, anything else as text of
 * two columns.
 * @throws FlimdError FLIMD_E_RECORDING
 */
export async function readDecayFile(file: string): Promise<RecordedDecay> {
  const bytes = await load(file);
  const source = { name: path.basename(file), sha256: createHash('sha256').update(bytes).digest('hex') };
  try {
    return isSdt(file) ? ofImage(parseSdt(bytes), source) : ofText(new TextDecoder().decode(bytes), source);
  } catch (error) {
    if (!(error instanceof FlimdError)) throw error;
    throw recordingError(`${file}: ${error.message}`, error.details, error);
  }
}

function ofImage(image: SdtRecording, source: FileSource): RecordedDecay {
  const { firstUsableBin: first, endUsableBin: end, binWidthPs } = image;
  const counts = sumOfDecays(image.counts, image.bins);
  return { startPs: 0, binWidthPs, counts, usable: { first, end }, source, image };
}

function ofText(text: string, source: FileSource): RecordedDecay {
  const decay = parseDecayText(text);
  return { ...decay, usable: usableBins(decay.counts, 0, 0), source, image: null };
}

async function load(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size <= MAX_BYTES) return await readFile(file);
    throw recordingError(`${file} is too large`, { value: size, expected: `at most ${MAX_BYTES} bytes` });
  } catch (error) {
    if (error instanceof FlimdError) throw error;
    throw recordingError(
      `cannot read ${file}: ${(error as Error).message}`,
      { value: file, action: 'check the path and the permissions' },
      error,
    );
  }
}
