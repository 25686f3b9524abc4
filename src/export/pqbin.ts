import type { ExportFormat } from './export-format.js';

const HEADER_BYTES = 20;
const PS_PER_NS = 1000;

/**
 * PicoQuant's file of histograms: u32 X, u32 Y, f32 side of a pixel (µm), u32 bins, f32 bin width (ns), then u32
 * `[y][x][bin]`. It has no place for the laser period.
 */
export const pqbin: ExportFormat = {
  suffixes: () => ['.bin'],
  takes: ['pixelUm'],
  sums: () => ({ maps: false, histograms: true }),
  files: () => [{ infix: '' }],
  async write(measurement, [file], { pixelUm }) {
    const { width, height, bins, binWidthPs } = measurement.about;
    const header = new DataView(new ArrayBuffer(HEADER_BYTES));
    header.setUint32(0, width, true);
    header.setUint32(4, height, true);
    header.setFloat32(8, pixelUm ?? 0, true);
    header.setUint32(12, bins, true);
    header.setFloat32(16, binWidthPs / PS_PER_NS, true);
    await file!.append(new Uint8Array(header.buffer));
    // A sum: 32 bits wide.
    await file!.append(measurement.histograms(0));
  },
};
