import { fixedPoint } from '../protocol/fixed-point.js';
import type { GatePlan } from './gate-plan.js';
import { gateFeature, mulhrs, photonFeature, reciprocal, roundShift } from './integer-arithmetic.js';
import { sat16, sigmoid, stateOperand, tanh } from './integer-arithmetic.js';
import { type IntegerNetwork, lifetimeOutputs } from './integer-network.js';
import { checkJob, type LifetimeJob, type LifetimeKernel } from './lifetime-job.js';

/** Photons of one pixel in each gate. */
export function gateCounts(histograms: Uint16Array, pixel: number, plan: GatePlan): Uint32Array {
  const counts = new Uint32Array(plan.firstBin.length);
  for (let gate = 0; gate < counts.length; gate++) {
    for (let bin = plan.firstBin[gate]!; bin < plan.endBin[gate]!; bin++) {
      counts[gate]! += histograms[pixel * plan.bins + bin]!;
    }
  }
  return counts;
}

/** Σ weights[row][i] · input[i]. */
export function dot(weights: Int8Array, row: number, input: Int16Array): number {
  let sum = 0;
  for (let i = 0; i < input.length; i++) sum += weights[row * input.length + i]! * input[i]!;
  return sum;
}

/** One step of the recurrent encoder (docs/fixed-point.md §2): overwrites `state`, int16 Q15. */
function stepEncoder(network: IntegerNetwork, state: Int16Array, x: number, u: number): void {
  const { hidden: units, recurrentWeights, inputWeights, photonWeights, biases, shifts } = network;
  const operand = state.map(stateOperand);
  const input = (row: number) => inputWeights[row]! * x + photonWeights[row]! * u;
  const scaled = (accumulator: number, row: number) =>
    sat16(roundShift(biases[row]! + accumulator, shifts[row]!));
  for (let unit = 0; unit < units; unit++) {
    // Rows of shifts and biases: z, r, nh, nx; of recurrent weights: z, r, nh; of input weights: z, r, nx.
    const [first, second, third, fourth] = [unit, units + unit, 2 * units + unit, 3 * units + unit];
    const z = sigmoid(scaled(input(first) + dot(recurrentWeights, first, operand), first));
    const r = sigmoid(scaled(input(second) + dot(recurrentWeights, second, operand), second));
    const newHidden = scaled(dot(recurrentWeights, third, operand), third);
    const newInput = scaled(input(third), fourth);
    const n = tanh(sat16(newInput + mulhrs(r, newHidden)));
    state[unit] = sat16(mulhrs(z, state[unit]!) + mulhrs(32767 - z, n));
  }
}

/** The encoder's last state, int16 Q15, for the photons of a pixel in each gate; `photons` is their sum. */
export function encode(network: IntegerNetwork, counts: Uint32Array, photons: number): Int16Array {
  const state = new Int16Array(network.hidden);
  const share = reciprocal(photons);
  const u = photonFeature(photons, network.photonFeature);
  for (const count of counts) stepEncoder(network, state, gateFeature(count, share), u);
  return state;
}

/** The outputs of the head before any range check, ps. */
export function decodeOutputs(network: IntegerNetwork, state: Int16Array): number[] {
  const { headWeights, headBiases, headShifts, outputWeights, outputBiases, outputShifts } = network;
  const layer = new Int16Array(network.head);
  for (let unit = 0; unit < layer.length; unit++) {
    const accumulator = headBiases[unit]! + dot(headWeights, unit, state);
    layer[unit] = tanh(sat16(roundShift(accumulator, headShifts[unit]!)));
  }
  return Array.from(outputBiases, (bias, output) => {
    const ps = roundShift(bias + dot(outputWeights, output, layer), outputShifts[output]!);
    // A standard error of 0 would say that there is no estimate.
    const least = output < lifetimeOutputs.length ? 0 : 1;
    return Math.max(least, Math.min(0xffff, ps));
  });
}

/** Lifetimes of one pixel and their standard errors, ps, in the order of the outputs; null where it is invalid. */
export function inferLifetimes(
  network: IntegerNetwork,
  counts: Uint32Array,
  minPhotons: number,
): number[] | null {
  const photons = counts.reduce((sum, count) => sum + count, 0);
  if (photons < Math.max(minPhotons, network.minPhotons) || photons > fixedPoint.maxPhotons) return null;
  const outputs = decodeOutputs(network, encode(network, counts, photons));
  const [low, high] = network.lifetimeRangePs;
  const lifetimes = outputs.slice(0, lifetimeOutputs.length);
  return lifetimes.every((ps) => ps >= low && ps <= high) ? outputs : null;
}

/**
 * The integer network in plain TypeScript: what every faster implementation is compared with, and readable beside
 * docs/fixed-point.md. Some hundred times slower than the native kernels, and not off the calling thread.
 */
export class ReferenceKernel implements LifetimeKernel {
  readonly simd = 'reference';

  constructor(
    private readonly network: IntegerNetwork,
    private readonly plan: GatePlan,
  ) {}

  async compute(job: LifetimeJob): Promise<void> {
    this.computeSync(job);
  }

  computeSync(job: LifetimeJob): void {
    checkJob(job, this.plan);
    for (let pixel = 0; pixel < job.pixels; pixel++) this.computePixel(job, pixel);
  }

  private computePixel(job: LifetimeJob, pixel: number): void {
    const hasData = !job.rowsValid || job.rowsValid[Math.floor(pixel / job.width!)] !== 0;
    const counts = hasData ? gateCounts(job.histograms, pixel, this.plan) : null;
    const outputs = counts ? inferLifetimes(this.network, counts, job.minPhotons) : null;
    job.photons[pixel] = counts ? counts.reduce((sum, count) => sum + count, 0) : 0;
    job.lifetimeAmplitude[pixel] = outputs ? outputs[0]! : 0;
    job.lifetimeIntensity[pixel] = outputs ? outputs[1]! : 0;
    job.standardErrorAmplitude[pixel] = outputs ? outputs[2]! : 0;
    job.standardErrorIntensity[pixel] = outputs ? outputs[3]! : 0;
  }
}
