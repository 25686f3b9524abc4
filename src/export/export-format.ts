import type { SummedParts } from './frame-sum.js';
import type { Measurement, Progress } from './measurement.js';
import type { OutputFile } from './output-files.js';

export interface FormatOptions {
  /** Histograms too. */
  histograms: boolean;
  /** Pixels, not frames. */
  pixels: boolean;
  compress: boolean;
  /** Side of a pixel in the sample; null where it is not known. */
  pixelUm: number | null;
}

export interface FileName {
  /** Between the name of the export and the suffix. */
  infix: string;
  /** Where it is not the main one. */
  suffix?: string;
}

export interface ExportContext {
  progress: Progress;
  /** For formats that have a place for them. */
  warnings: readonly string[];
}

/** One way to write a measurement. */
export interface ExportFormat {
  /** Of its main file; the first is the default. */
  suffixes(options: FormatOptions): readonly string[];
  takes: readonly (keyof FormatOptions)[];
  /** What it needs as one sum of all frames; null where it takes frames as they are. */
  sums(options: FormatOptions): SummedParts | null;
  /** Known before anything is read, so that a name that is taken costs no work. */
  files(measurement: Measurement, options: FormatOptions): FileName[];
  /** @param files in the order of `files()` */
  write(
    measurement: Measurement,
    files: readonly OutputFile[],
    options: FormatOptions,
    context: ExportContext,
  ): Promise<void>;
}
