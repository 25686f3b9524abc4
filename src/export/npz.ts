import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { arraysOf, bytesOfArray, describeArrays, type ExportedArray, npyHeader } from './arrays.js';
import { exportError } from './export-error.js';
import type { ExportFormat } from './export-format.js';
import type { Progress } from './measurement.js';
import type { OutputFile } from './output-files.js';

/** Zip without its 64-bit extension, which the library does not write; and room for its directory. */
const MOST_BYTES = 2 ** 32 - 2 ** 20;
const DEFLATE_LEVEL = 6;

/** All arrays in one zip file of NumPy, and a JSON file beside it that says what they are. */
export const npz: ExportFormat = {
  suffixes: () => ['.npz'],
  takes: ['histograms', 'compress'],
  sums: () => null,
  files: () => [{ infix: '' }, { infix: '', suffix: '.json' }],
  async write(measurement, files, { histograms, compress }, { progress, warnings }) {
    const [file, description] = files as [OutputFile, OutputFile];
    const arrays = arraysOf(measurement, histograms);
    checkSize(arrays);
    await writeZip(file, arrays, compress, progress);
    const named = arrays.map((array) => ({ ...array, file: file.name }));
    await description.append(Buffer.from(describeArrays(measurement, named, warnings)));
  },
};

function checkSize(arrays: readonly ExportedArray[]): void {
  const bytes = arrays.reduce((sum, array) => sum + bytesOfArray(array), 0);
  if (bytes <= MOST_BYTES) return;
  throw exportError('FLIMD_E_EXPORT_LIMIT', 'the arrays do not fit one npz file', {
    value: `${bytes} bytes`,
    expected: `at most ${MOST_BYTES} bytes`,
    action: 'export as npy, fewer frames (--frames A:B) or their sum (--sum)',
  });
}

async function writeZip(
  file: OutputFile,
  arrays: readonly ExportedArray[],
  compress: boolean,
  progress: Progress,
): Promise<void> {
  // The library hands out its output while it is given input; a disk takes its time.
  let ready: Uint8Array[] = [];
  const zip = new Zip((error, bytes) => {
    if (error) throw error;
    ready.push(bytes);
  });
  const save = async (): Promise<void> => {
    const bytes = ready;
    ready = [];
    for (const part of bytes) await file.append(part);
  };
  for (const array of arrays) {
    const name = `${array.name}.npy`;
    const entry = compress ? new ZipDeflate(name, { level: DEFLATE_LEVEL }) : new ZipPassThrough(name);
    zip.add(entry);
    entry.push(npyHeader(array));
    for await (const piece of array.pieces(progress)) {
      // A copy: the library may hold on to what it is given, or change it.
      entry.push(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength).slice());
      await save();
    }
    entry.push(new Uint8Array(0), true);
    await save();
  }
  zip.end();
  await save();
}
