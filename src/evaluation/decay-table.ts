import type { Instrument } from './instrument.js';
import { logSpaced } from './lifetime-scale.js';

/** Even in log τ: with 0.2..5 ns the cubic between two nodes is within 1e-8 of the decay. */
const NODES = 128;
/** Relative step of the derivative at the nodes. */
const STEP = 1e-4;

/**
 * The light of a mono-exponential decay in every gate, over log τ (τ in ps): computed once at the nodes, cubic
 * (Hermite) between them, so that a fit need not convolve and wrap in every step.
 */
export class DecayTable {
  readonly gates: number;
  private readonly first: number;
  private readonly step: number;
  /** Light and its slope by log τ times the step, [node][gate]. */
  private readonly light: Float64Array[];
  private readonly slopes: Float64Array[];

  constructor(instrument: Instrument) {
    const logTaus = logSpaced(instrument.tauPs, NODES);
    this.gates = instrument.gates;
    this.first = logTaus[0]!;
    this.step = logTaus[1]! - logTaus[0]!;
    this.light = Array.from(logTaus, (logTau) => instrument.lightInGates(Math.exp(logTau)));
    this.slopes = Array.from(logTaus, (logTau) => {
      const above = instrument.lightInGates(Math.exp(logTau + STEP));
      const below = instrument.lightInGates(Math.exp(logTau - STEP));
      return above.map((light, gate) => ((light - below[gate]!) / (2 * STEP)) * this.step);
    });
  }

  /** Fills `light`, and `slope` with its derivative by log τ. */
  at(logTau: number, light: Float64Array, slope: Float64Array): void {
    const place = (logTau - this.first) / this.step;
    const node = Math.min(Math.max(Math.floor(place), 0), NODES - 2);
    const t = place - node;
    const [low, high] = [this.light[node]!, this.light[node + 1]!];
    const [lowSlope, highSlope] = [this.slopes[node]!, this.slopes[node + 1]!];
    for (let gate = 0; gate < this.gates; gate++) {
      const a = lowSlope[gate]!;
      const rise = high[gate]! - low[gate]!;
      // low + t·(a + t·(b + t·c)), with both values and both slopes met.
      const b = 3 * rise - 2 * a - highSlope[gate]!;
      const c = a + highSlope[gate]! - 2 * rise;
      light[gate] = low[gate]! + t * (a + t * (b + t * c));
      slope[gate] = (a + t * (2 * b + t * 3 * c)) / this.step;
    }
  }
}
