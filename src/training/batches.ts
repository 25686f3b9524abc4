import { Random } from '../random/random.js';
import {
  decayStepPs,
  type DecayPrior,
  DecaySource,
  deconvolvedDecay,
  drawCounts,
  drawLogUniform,
  type Range,
} from './decays.js';
import { networkInputs } from './inputs.js';
import { TARGETS, writeTargets } from './outputs.js';

/** What a training example is made of, besides its decay. */
export interface ExampleOptions {
  prior: DecayPrior;
  /** Photons a pixel expects in its gates, log-uniform. */
  photons: Range;
  photonFeature: readonly [number, number];
  /** The squared error of a pixel counts N to this power: see docs/training.md. */
  photonWeightExponent: number;
}

/** Examples, [batch] outermost; lifetimes and fractions in the units of outputs.ts. */
export interface Batch {
  /** [gates] */
  x: Float32Array;
  /** [1] */
  u: Float32Array;
  /** [5], what is true of the decay. */
  targets: Float32Array;
  /** [gates], the deconvolved decay. */
  decays: Float32Array;
  /** [1] */
  weights: Float32Array;
}

const STREAM_BATCHES = 1;

/** Photon count whose weight is 1. */
const REFERENCE_PHOTONS = 500;

/** Makes the batches of a seed; batch k is the same whenever and wherever it is made. */
export class BatchSource {
  private readonly source: DecaySource;
  private readonly random = new Random();
  private readonly stepPs: number;

  constructor(
    private readonly options: ExampleOptions,
    private readonly size: number,
    private readonly seed: number,
  ) {
    this.source = new DecaySource(options.prior);
    this.stepPs = decayStepPs(options.prior);
  }

  make(index: number): Batch {
    const { gates } = this.source;
    this.random.reseed(this.seed, STREAM_BATCHES, index);
    const batch: Batch = {
      x: new Float32Array(this.size * gates),
      u: new Float32Array(this.size),
      targets: new Float32Array(this.size * TARGETS),
      decays: new Float32Array(this.size * gates),
      weights: new Float32Array(this.size),
    };
    const shares = new Float64Array(gates);
    const counts = new Uint32Array(gates);
    for (let example = 0; example < this.size; example++) this.addExample(batch, example, shares, counts);
    return batch;
  }

  private addExample(batch: Batch, example: number, shares: Float64Array, counts: Uint32Array): void {
    const { photons, photonFeature, photonWeightExponent } = this.options;
    const { gates } = this.source;
    const ofGates = [example * gates, (example + 1) * gates] as const;
    const expected = drawLogUniform(this.random, photons);
    const truth = this.source.draw(this.random, expected, shares);
    const total = Math.max(1, drawCounts(this.random, shares, expected, counts));
    batch.u[example] = networkInputs(counts, total, photonFeature, batch.x.subarray(...ofGates));
    writeTargets(truth, batch.targets, example * TARGETS);
    deconvolvedDecay(truth, this.stepPs, batch.decays.subarray(...ofGates));
    batch.weights[example] = (total / REFERENCE_PHOTONS) ** photonWeightExponent;
  }
}
