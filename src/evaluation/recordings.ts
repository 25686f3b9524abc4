import path from 'node:path';
import { planGates } from '../lifetime/gate-plan.js';
import { loadModelPackage } from '../lifetime/model-package.js';
import { createKernel } from '../lifetime/native.js';
import { readNpz } from '../recording/npz.js';
import type { CompressionStudy } from './compression-study.js';
import { median, rankCorrelation } from './statistics.js';

/** A recording with reference lifetimes (`hist.npz` [y][x][bin] and maps), and the package made for it. */
interface KnownRecording {
  name: string;
  model: string;
  binWidthPs: number;
  laserPeriodPs: number;
  reference: string;
  /** Pixels a side that are summed before the network. */
  block: number;
  /** Regions of the reference's map `region`; all trusted pixels where there is none. */
  regions: Record<string, number> | null;
  minPhotons: number;
}

const knownRecordings: readonly KnownRecording[] = [
  {
    name: 'cells-sdt',
    model: 'cells-sdt',
    binWidthPs: 48.828125,
    laserPeriodPs: 13_157.895,
    reference: 'reference.npz',
    block: 1,
    regions: { nuclei: 1, cytoplasm: 2 },
    minPhotons: 1,
  },
  {
    name: 'yeast-nadh',
    model: 'yeast-nadh',
    binWidthPs: 46.83907706,
    laserPeriodPs: 12_500,
    reference: 'reference_8x8.npz',
    block: 2,
    regions: null,
    minPhotons: 1,
  },
];

type RecordingFigures = CompressionStudy['recordings'][number];

const lifetimes = [
  { quantity: 'meanLifetimeAmplitude', reference: 'tau_amp_ns', plane: 'lifetimeAmplitude' },
  { quantity: 'meanLifetimeIntensity', reference: 'tau_int_ns', plane: 'lifetimeIntensity' },
] as const;

/** The integer networks of the packages on recordings with reference lifetimes; each from `data/<name>/`. */
export function evaluateRecordings(data: string, models: string): Promise<RecordingFigures[]> {
  return Promise.all(knownRecordings.map((recording) => evaluateRecording(recording, data, models)));
}

async function evaluateRecording(
  recording: KnownRecording,
  data: string,
  models: string,
): Promise<RecordingFigures> {
  const { name, block, regions } = recording;
  const reference = await readNpz(path.join(data, name, recording.reference));
  const found = await lifetimesOf(recording, data, models);
  const trusted = (pixel: number): boolean => Number(reference['mask']!.data[pixel]) !== 0;
  const places = Object.entries(regions ?? { all: null });
  const figures = places.flatMap(([region, code]) => {
    const inside = Array.from({ length: found.photons.length }, (_, pixel) => pixel).filter(
      (pixel) => trusted(pixel) && (code === null || Number(reference['region']!.data[pixel]) === code),
    );
    return lifetimes.map(({ quantity, reference: map, plane }) => {
      const valid = inside.filter((pixel) => found[plane][pixel]! > 0);
      const foundNs = median(valid.map((pixel) => found[plane][pixel]! / 1000));
      const referenceNs = median(valid.map((pixel) => Number(reference[map]!.data[pixel])));
      const relative = foundNs / referenceNs - 1;
      return { region, quantity, valid: valid.length / inside.length, foundNs, referenceNs, relative };
    });
  });
  const rank = lifetimes.map(({ quantity, reference: map, plane }) => {
    const valid = Array.from(found[plane], (ps, pixel) => (ps > 0 && trusted(pixel) ? pixel : -1)).filter(
      (pixel) => pixel >= 0,
    );
    const of = (values: ArrayLike<number>): number[] => valid.map((pixel) => Number(values[pixel]));
    return [
      quantity,
      rankCorrelation(of(found[plane]), of(reference[map]!.data as ArrayLike<number>)),
    ] as const;
  });
  const blocks = block === 1 ? {} : { blocks: `${block}×${block}` };
  const { model, hash } = found;
  return { name, model, hash, ...blocks, figures, rankCorrelation: Object.fromEntries(rank) };
}

async function lifetimesOf(
  { name, model, block, binWidthPs, laserPeriodPs, minPhotons }: KnownRecording,
  data: string,
  models: string,
) {
  const { hist } = await readNpz(path.join(data, name, 'hist.npz'));
  const [height, width, bins] = hist!.shape as [number, number, number];
  const histograms = sumBlocks(hist!.data as Uint16Array, width, height, bins, block);
  const { network, timing, hash } = await loadModelPackage(path.join(models, model));
  const plan = planGates(timing, { bins, binWidthPs, laserPeriodPs });
  const pixels = histograms.length / bins;
  const job = {
    histograms,
    pixels,
    bins,
    minPhotons,
    lifetimeAmplitude: new Uint16Array(pixels),
    lifetimeIntensity: new Uint16Array(pixels),
    standardErrorAmplitude: new Uint16Array(pixels),
    standardErrorIntensity: new Uint16Array(pixels),
    photons: new Uint32Array(pixels),
  };
  createKernel(network, plan).computeSync(job);
  return { ...job, model, hash };
}

/** Histograms [y][x][bin] summed over blocks of pixels. */
function sumBlocks(
  histograms: Uint16Array,
  width: number,
  height: number,
  bins: number,
  block: number,
): Uint16Array {
  const columns = Math.floor(width / block);
  const sums = new Uint16Array(Math.floor(height / block) * columns * bins);
  for (let y = 0; y < Math.floor(height / block) * block; y++) {
    for (let x = 0; x < columns * block; x++) {
      const to = (Math.floor(y / block) * columns + Math.floor(x / block)) * bins;
      const from = (y * width + x) * bins;
      for (let bin = 0; bin < bins; bin++) sums[to + bin]! += histograms[from + bin]!;
    }
  }
  return sums;
}
