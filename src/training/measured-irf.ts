import type { FileSource, RecordedDecay } from '../recording/recorded-decay.js';
import { recordingError } from '../recording/recording-error.js';
import { type IrfNodes, irfWidthPs, type MeasuredShape } from './irf.js';
import { aboveHalf, responseSignal } from './response-signal.js';

/** A response as measured: its shape, and where its centre lay in the measurement. */
export interface MeasuredIrf {
  shape: MeasuredShape;
  /**
   * From the start of bin 0: the centre of gravity of the part of the main peak above half its height. Tails and
   * reflections, which a longer measurement shows more of, do not move it.
   */
  centerPs: number;
  /** Background taken off, counts per bin. */
  background: number;
  /** Part of the response outside the main peak (beyond three of its widths): tails and reflections. */
  tailShare: number;
}

/** Twice the 24 of a formula: the peak takes about as many, tails and reflections the rest. */
export const MEASURED_NODES = 48;
/** The peak must stand out of its surroundings by this factor to be one. */
const PEAK_OVER_MEAN = 2;
/** Neighbours are joined in pairs down to this many before the dear search begins: far finer than any gate. */
const WELL_ENOUGH = 8192;

/** @throws FlimdError FLIMD_E_RECORDING where the file shows no peak. */
export function measuredIrf(recording: RecordedDecay, nodes = MEASURED_NODES): MeasuredIrf {
  // All bins: a converter's ramps lie below the background and so are no light.
  const { counts, startPs, binWidthPs, source } = recording;
  const { signal, background } = responseSignal(counts);
  checkPeak(signal, source);
  const instants = instantsOf(signal, startPs, binWidthPs);
  const centerPs = centerOf(signal, startPs, binWidthPs);
  const { offsetsPs, weights } = reduceNodes(instants, nodes);
  const shape: MeasuredShape = {
    kind: 'measured',
    // Hundredths of a picosecond and 1e-7 of the light are far below what 390 ps gates can tell.
    offsetsPs: Array.from(offsetsPs, (offset) => rounded(offset - centerPs, 100)),
    weights: normalised(Array.from(weights, (weight) => rounded(weight, 1e7))),
    fwhmPs: rounded(halfWidth(signal) * binWidthPs, 10),
    source,
  };
  return { shape, centerPs: rounded(centerPs, 100), background, tailShare: tailShare(shape) };
}

const rounded = (value: number, perUnit: number): number => Math.round(value * perUnit) / perUnit;

function normalised(weights: number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function checkPeak(signal: Float64Array, { name }: FileSource): void {
  const total = signal.reduce((sum, value) => sum + value, 0);
  const highest = signal.reduce((most, value) => Math.max(most, value), 0);
  if (total > 0 && highest > PEAK_OVER_MEAN * (total / signal.length)) return;
  throw recordingError(`${name} shows no peak: it cannot be an instrument response`, {
    value: `highest bin ${Number(highest.toPrecision(3))} above the background`,
    expected: 'a pulse well above its background, inside the window',
    action: 'measure the response longer, or describe it: --irf gaussian:FWHM or rectangle:WIDTH',
  });
}

/** Every bin at its middle; spread over the bin the response would be wider by another bin² / 12 in variance. */
function instantsOf(signal: Float64Array, startPs: number, binWidthPs: number): IrfNodes {
  return { offsetsPs: signal.map((_, bin) => startPs + (bin + 0.5) * binWidthPs), weights: signal };
}

function centerOf(signal: Float64Array, startPs: number, binWidthPs: number): number {
  const [first, end] = aboveHalf(signal);
  // Above half the height of the peak only: which bins are just above half then matters little.
  const floor = signal.reduce((most, value) => Math.max(most, value), 0) / 2;
  let sum = 0;
  let moment = 0;
  for (let bin = first; bin < end; bin++) {
    sum += signal[bin]! - floor;
    moment += (signal[bin]! - floor) * (bin + 0.5);
  }
  return startPs + (sum > 0 ? moment / sum : (first + end) / 2) * binWidthPs;
}

/** Bins between the two crossings of half the maximum, interpolated. */
function halfWidth(signal: Float64Array): number {
  const [first, end] = aboveHalf(signal);
  const half = signal.reduce((most, value) => Math.max(most, value), 0) / 2;
  const crossing = (inside: number, outside: number): number =>
    (signal[inside]! - half) / (signal[inside]! - (signal[outside] ?? 0));
  return end - first - 1 + crossing(first, first - 1) + crossing(end - 1, end);
}

function tailShare(shape: MeasuredShape): number {
  const reach = 3 * irfWidthPs(shape);
  return shape.weights.reduce(
    (sum, weight, node) => (Math.abs(shape.offsetsPs[node]!) > reach ? sum + weight : sum),
    0,
  );
}

/**
 * Fewer instants with the same light and the same centre of gravity: the two neighbours whose union costs least are
 * joined until few enough are left. What a union costs is the light times the distance it is moved, which is what the
 * contents of a gate change by; so weak tails get few instants and the peak many.
 */
export function reduceNodes(nodes: IrfNodes, most: number): IrfNodes {
  const total = nodes.weights.reduce((sum, weight) => sum + weight, 0);
  let at = Array.from(nodes.offsetsPs).filter((_, node) => nodes.weights[node]! > 0);
  let light = Array.from(nodes.weights, (weight) => weight / total).filter((weight) => weight > 0);
  while (at.length > WELL_ENOUGH) [at, light] = joinedInPairs(at, light);
  while (at.length > most) {
    const left = cheapestUnion(at, light);
    const [place, both] = union(at, light, left);
    at.splice(left, 2, place);
    light.splice(left, 2, both);
  }
  return { offsetsPs: Float64Array.from(at), weights: Float64Array.from(light) };
}

/** Centre of gravity and light of a node and the next one; of the last node alone, the node. */
function union(at: readonly number[], light: readonly number[], left: number): [at: number, light: number] {
  if (left + 1 === at.length) return [at[left]!, light[left]!];
  const both = light[left]! + light[left + 1]!;
  return [(at[left]! * light[left]! + at[left + 1]! * light[left + 1]!) / both, both];
}

function joinedInPairs(at: readonly number[], light: readonly number[]): [number[], number[]] {
  const pairs = Array.from({ length: Math.ceil(at.length / 2) }, (_, pair) => union(at, light, 2 * pair));
  return [pairs.map(([place]) => place), pairs.map(([, both]) => both)];
}

function cheapestUnion(at: readonly number[], light: readonly number[]): number {
  let cheapest = 0;
  let least = Infinity;
  for (let node = 0; node + 1 < at.length; node++) {
    const a = light[node]!;
    const b = light[node + 1]!;
    const cost = ((a * b) / (a + b)) * (at[node + 1]! - at[node]!);
    if (cost >= least) continue;
    least = cost;
    cheapest = node;
  }
  return cheapest;
}
