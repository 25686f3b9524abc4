import { arraysOf, describeArrays, npyHeader } from './arrays.js';
import type { ExportFormat } from './export-format.js';

/** A file for each array, and a JSON file that says what they are. */
export const npy: ExportFormat = {
  suffixes: () => ['.npy'],
  takes: ['histograms'],
  sums: () => null,
  files: (measurement, { histograms }) => [
    { infix: '', suffix: '.json' },
    ...arraysOf(measurement, histograms).map(({ name }) => ({ infix: `.${name}` })),
  ],
  async write(measurement, [description, ...files], { histograms }, { progress, warnings }) {
    const arrays = arraysOf(measurement, histograms).map((array, index) => ({ array, file: files[index]! }));
    for (const { array, file } of arrays) {
      await file.append(npyHeader(array));
      for await (const piece of array.pieces(progress)) await file.append(piece);
    }
    const named = arrays.map(({ array, file }) => ({ ...array, file: file.name }));
    await description!.append(Buffer.from(describeArrays(measurement, named, warnings)));
  },
};
