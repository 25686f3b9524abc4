import { Random } from '../random/random.js';
import { lifetimeOutputs } from '../lifetime/integer-network.js';
import { fixedPoint } from '../protocol/fixed-point.js';
import { type DecayPrior, DecaySource, drawCounts, drawLogUniform, type Range } from './decays.js';
import { networkInputs } from './inputs.js';

/** What a training example is made of, besides its decay. */
export interface ExampleOptions {
  prior: DecayPrior;
  /** Photons a pixel expects in its gates, log-uniform. */
  photons: Range;
  photonFeature: readonly [number, number];
  /** The squared error of a pixel counts N to this power: see docs/training.md. */
  photonWeightExponent: number;
}

/** Examples, [batch] innermost last: x [batch][gates], u [batch], targets [batch][2] (1.0 = 8192 ps), weights [batch]. */
export interface Batch {
  x: Float32Array;
  u: Float32Array;
  targets: Float32Array;
  weights: Float32Array;
}

const OUTPUTS = lifetimeOutputs.length;

const STREAM_BATCHES = 1;

/** Photon count whose weight is 1. */
const REFERENCE_PHOTONS = 500;

/** Makes the batches of a seed; batch k is the same whenever and wherever it is made. */
export class BatchSource {
  private readonly source: DecaySource;
  private readonly random = new Random();

  constructor(
    private readonly options: ExampleOptions,
    private readonly size: number,
    private readonly seed: number,
  ) {
    this.source = new DecaySource(options.prior);
  }

  make(index: number): Batch {
    const { gates } = this.source;
    this.random.reseed(this.seed, STREAM_BATCHES, index);
    const batch: Batch = {
      x: new Float32Array(this.size * gates),
      u: new Float32Array(this.size),
      targets: new Float32Array(this.size * OUTPUTS),
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
    const expected = drawLogUniform(this.random, photons);
    const truth = this.source.draw(this.random, expected, shares);
    const total = Math.max(1, drawCounts(this.random, shares, expected, counts));
    batch.u[example] = networkInputs(
      counts,
      total,
      photonFeature,
      batch.x.subarray(example * gates, (example + 1) * gates),
    );
    batch.targets[example * OUTPUTS] = truth.tauAmplitudePs / fixedPoint.outputPsPerUnit;
    batch.targets[example * OUTPUTS + 1] = truth.tauIntensityPs / fixedPoint.outputPsPerUnit;
    batch.weights[example] = (total / REFERENCE_PHOTONS) ** photonWeightExponent;
  }
}
