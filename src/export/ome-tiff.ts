import { version } from '../version.js';
import type { ExportContext, ExportFormat, FormatOptions } from './export-format.js';
import { AXES_IN_WORDS, INVALID_IN_WORDS, type Measurement } from './measurement.js';
import { type OmeImage, omeXml } from './ome-xml.js';
import type { OutputFile } from './output-files.js';
import { needsBigTiff, type TiffPages, TiffWriter } from './tiff-writer.js';

/** Maps as one OME-TIFF, histograms as another beside it: each opens as one image in any program. */
export const omeTiff: ExportFormat = {
  suffixes: () => ['.ome.tif', '.ome.tiff'],
  takes: ['histograms', 'compress', 'pixelUm'],
  sums: () => null,
  files: (_, { histograms }) => [{ infix: '' }, ...(histograms ? [{ infix: '.decays' }] : [])],
  async write(measurement, [maps, decays], options, context) {
    await writeMaps(maps!, measurement, options, context);
    if (decays) await writeDecays(decays, measurement, options, context);
  },
};

/** All maps as 32-bit samples, since an image of OME has one type and photons need it. */
async function writeMaps(
  file: OutputFile,
  measurement: Measurement,
  options: FormatOptions,
  { progress, warnings }: ExportContext,
): Promise<void> {
  const { about, frames, maps } = measurement;
  const { width, height } = about;
  const pages: TiffPages = { width, height, bits: 32, count: frames.length * maps.length };
  const tiff = await begin(file, pages, options);
  for (const frame of frames.keys()) {
    await progress('writing maps', frame, frames.length);
    for (const { name } of maps) await tiff.addPages(new Uint32Array(measurement.map(name, frame)));
  }
  const image: OmeImage = {
    name: about.file,
    description: [
      ...maps.map(({ label, description }) => `${label}: ${description}`),
      INVALID_IN_WORDS,
      AXES_IN_WORDS,
    ].join('; '),
    type: 'uint32',
    channels: maps.map(({ label }) => label),
    bins: null,
  };
  await tiff.finish(omeXml(image, measurement, options.pixelUm, warnings));
}

async function writeDecays(
  file: OutputFile,
  measurement: Measurement,
  options: FormatOptions,
  { progress, warnings }: ExportContext,
): Promise<void> {
  const { about, frames } = measurement;
  const { width, height, bins, binWidthPs } = about;
  const bits = measurement.histogramBits!;
  const tiff = await begin(file, { width, height, bits, count: frames.length * bins }, options);
  for (const frame of frames.keys()) {
    await progress('writing histograms', frame, frames.length);
    await tiff.addPages(binsFirst(measurement.histograms(frame), bins));
  }
  const image: OmeImage = {
    name: `${about.file}, decays`,
    description:
      `photons per detector bin of ${binWidthPs} ps; T counts the bins of a frame, then frames; ` +
      `the detector window of ${bins * binWidthPs} ps need not be the laser period; ${AXES_IN_WORDS}`,
    type: `uint${bits}`,
    channels: ['Photons'],
    bins,
  };
  await tiff.finish(omeXml(image, measurement, options.pixelUm, warnings));
}

function begin(
  file: OutputFile,
  pages: TiffPages,
  { compress, pixelUm }: FormatOptions,
): Promise<TiffWriter> {
  return TiffWriter.begin(file, pages, {
    bigTiff: needsBigTiff(pages),
    compress,
    pixelUm,
    software: `flimd ${version}`,
  });
}

/** Pixels side by side while bins are moved: both sides of the copy stay within the processor's cache. */
const PIXELS_AT_ONCE = 64;

/** `[y][x][bin]` as `[bin][y][x]`. */
function binsFirst<Counts extends Uint16Array | Uint32Array>(histograms: Counts, bins: number): Counts {
  const pixels = histograms.length / bins;
  const turned = new (histograms.constructor as new (length: number) => Counts)(histograms.length);
  for (let first = 0; first < pixels; first += PIXELS_AT_ONCE) {
    const end = Math.min(first + PIXELS_AT_ONCE, pixels);
    for (let bin = 0; bin < bins; bin++) {
      for (let pixel = first; pixel < end; pixel++)
        turned[bin * pixels + pixel] = histograms[pixel * bins + bin]!;
    }
  }
  return turned;
}
