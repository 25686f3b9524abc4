import { ValueCounts } from '../recording/quantiles.js';
import type { ExportFormat } from './export-format.js';
import {
  type MapDescription,
  type MapValues,
  type Measurement,
  type Progress,
  startsSinceFirst,
} from './measurement.js';
import type { OutputFile } from './output-files.js';

/** RFC 4180: a row of headings with units, commas, CRLF. Figures alone, so that nothing needs quotes. */
export const csv: ExportFormat = {
  suffixes: ({ pixels }) => (pixels ? ['.pixels.csv', '.csv'] : ['.csv']),
  takes: ['pixels'],
  sums: ({ pixels }) => (pixels ? { maps: true, histograms: false } : null),
  files: () => [{ infix: '' }],
  async write(measurement, [file], { pixels }, { progress }) {
    await (pixels ? writePixels : writeFrames)(file!, measurement, progress);
  },
};

type Cell = number | null;

const QUARTILES = [0.25, 0.5, 0.75];
const ROWS_AT_ONCE = 4096;

/** Each row is made just before it is written. */
async function writeTable(
  file: OutputFile,
  headings: readonly string[],
  rows: AsyncIterable<Cell[]> | Iterable<Cell[]>,
): Promise<void> {
  let text = `${headings.join(',')}\r\n`;
  let waiting = 0;
  for await (const row of rows) {
    text += `${row.map((cell) => cell ?? '').join(',')}\r\n`;
    if (++waiting < ROWS_AT_ONCE) continue;
    await file.append(Buffer.from(text));
    text = '';
    waiting = 0;
  }
  await file.append(Buffer.from(text));
}

/** `meanLifetimeAmplitude` → `mean_lifetime_amplitude` */
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const withUnit = ({ name, unit }: MapDescription): string => (unit === 'ps' ? `${snake(name)}_ps` : name);
const isLifetime = ({ name }: MapDescription): boolean => name.startsWith('meanLifetime');

function writeFrames(file: OutputFile, measurement: Measurement, progress: Progress): Promise<void> {
  const lifetimes = measurement.maps.filter(isLifetime);
  const headings = [
    ...['frame', 'start_s', 'exposure_s', 'unix_time_ms', 'complete'],
    ...(lifetimes.length > 0 ? ['valid_pixels'] : []),
    'photons',
    ...lifetimes.flatMap(({ name }) => ['q1', 'median', 'q3'].map((figure) => `${snake(name)}_${figure}_ps`)),
  ];
  return writeTable(file, headings, frameRows(measurement, lifetimes, progress));
}

async function* frameRows(
  measurement: Measurement,
  lifetimes: readonly MapDescription[],
  progress: Progress,
): AsyncGenerator<Cell[]> {
  const { frames } = measurement;
  const starts = startsSinceFirst(frames);
  for (const [frame, { number, exposureS, unixTimeMs, complete }] of frames.entries()) {
    await progress('summing up frames', frame, frames.length);
    const valid = lifetimes.map(({ name }) => validOf(measurement.map(name, frame)));
    yield [
      ...[number, starts[frame]!, Number(exposureS.toFixed(9)), unixTimeMs, complete ? 1 : 0],
      ...valid.slice(0, 1).map(({ total }) => total),
      sumOf(measurement.map('photons', frame)),
      ...valid.flatMap((values) => QUARTILES.map((share) => values.quantile(share))),
    ];
  }
}

function validOf(values: MapValues): ValueCounts {
  const counts = new ValueCounts();
  for (const value of values) if (value > 0) counts.add(value);
  return counts;
}

function sumOf(values: MapValues): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** Of the sum of all frames. */
async function writePixels(file: OutputFile, measurement: Measurement, progress: Progress): Promise<void> {
  await progress('writing pixels', 0, 1);
  await writeTable(file, ['x', 'y', ...measurement.maps.map(withUnit)], pixelRows(measurement));
}

function* pixelRows({ about, maps, map }: Measurement): Generator<Cell[]> {
  const values = maps.map(({ name }) => ({ name, values: map(name, 0) }));
  for (let pixel = 0; pixel < about.width * about.height; pixel++) {
    yield [
      pixel % about.width,
      Math.floor(pixel / about.width),
      ...values.map(({ name, values: of }) => (of[pixel] === 0 && name !== 'photons' ? null : of[pixel]!)),
    ];
  }
}
