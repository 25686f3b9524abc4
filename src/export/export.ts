import { csv } from './csv.js';
import { exportError } from './export-error.js';
import type { ExportFormat, FormatOptions } from './export-format.js';
import { type FrameRange, selectFrames } from './frame-selection.js';
import { type SummedParts, sumFrames } from './frame-sum.js';
import type { Measurement, Progress } from './measurement.js';
import { npy } from './npy.js';
import { npz } from './npz.js';
import { omeTiff } from './ome-tiff.js';
import { openMeasurement } from './open-measurement.js';
import { type OutputFile, OutputFiles, type WrittenFile } from './output-files.js';
import { placeOf } from './output-place.js';
import { pqbin } from './pqbin.js';

export const formats = { 'ome-tiff': omeTiff, csv, npy, npz, pqbin } as const satisfies Record<
  string,
  ExportFormat
>;
export type FormatName = keyof typeof formats;

export interface ExportOptions extends FormatOptions {
  format: FormatName;
  frames: FrameRange;
  /** All frames as one. */
  sum: boolean;
  /** Name of the main file, or a folder; null: beside the recording, under its name. */
  out: string | null;
  overwrite: boolean;
  /** Image of an SDT file; null: the first. */
  channel: number | null;
}

export interface ExportResult {
  source: string;
  format: FormatName;
  files: WrittenFile[];
  /** Frames of the recording that were exported. */
  frames: number;
  /** Whether they became one. */
  summed: boolean;
  width: number;
  height: number;
  bins: number;
  binWidthPs: number;
  warnings: string[];
}

/**
 * Writes a recording in a format that other programs read: all files of it, or none.
 * @throws FlimdError FLIMD_E_RECORDING, FLIMD_E_CONFIG, FLIMD_E_EXPORT_…
 */
export async function exportRecording(
  file: string,
  options: ExportOptions,
  progress: Progress,
): Promise<ExportResult> {
  const format: ExportFormat = formats[options.format];
  const opened = await openMeasurement(file, options.channel);
  const outputs = new OutputFiles(options.overwrite, file);
  try {
    const selected = selectFrames(opened, options.frames);
    const summed = partsToSum(format, options);
    checkHistograms(selected, options.histograms || summed?.histograms === true);
    const files = await createFiles(file, format, options, selected, outputs);
    const measurement = summed ? await sumFrames(selected, summed, progress) : selected;
    await format.write(measurement, files, options, { progress, warnings: opened.warnings });
    const { width, height, bins, binWidthPs } = opened.about;
    return {
      ...{
        source: file,
        format: options.format,
        files: await outputs.commit(),
        frames: selected.frames.length,
      },
      ...{ summed: summed !== null, width, height, bins, binWidthPs, warnings: opened.warnings },
    };
  } catch (error) {
    await outputs.discard();
    throw error;
  } finally {
    opened.close();
  }
}

function partsToSum(format: ExportFormat, options: ExportOptions): SummedParts | null {
  return format.sums(options) ?? (options.sum ? { maps: true, histograms: options.histograms } : null);
}

function checkHistograms({ about, histogramBits }: Measurement, needed: boolean): void {
  if (!needed || histogramBits !== null) return;
  throw exportError('FLIMD_E_EXPORT_CONTENT', `${about.file} holds no histograms`, {
    value: 'maps alone',
    expected: 'a recording with histograms',
    action: 'record with histograms, or export what is there (leave out --histograms; another --format)',
  });
}

async function createFiles(
  file: string,
  format: ExportFormat,
  options: ExportOptions,
  measurement: Measurement,
  outputs: OutputFiles,
): Promise<OutputFile[]> {
  const place = placeOf(file, options.out, format.suffixes(options));
  const files = [];
  for (const { infix, suffix } of format.files(measurement, options)) {
    files.push(await outputs.create(place.name + infix + (suffix ?? place.suffix)));
  }
  return files;
}
