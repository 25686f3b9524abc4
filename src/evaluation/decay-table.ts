import type { Instrument } from './instrument.js';
import { logSpaced } from './lifetime-scale.js';

/** Even in log τ: with 0.2..5 ns the cubic between two nodes is within 1e-8 of the light. */
const NODES = 128;
/** Relative step of the derivative at the nodes. */
const STEP = 1e-4;
/**
 * Distance of the places of the response, ps. Straight lines between them are within 2e-4 of the light at 0.2 ns and
 * 6e-5 from 0.6 ns on: the response is a sum of instants, so that the light itself has corners over its place.
 */
const PLACE_STEP_PS = 2;

/** Light in every gate at the nodes of log τ, and its slope times their distance, [node][gate]. */
interface Place {
  light: Float64Array[];
  slopes: Float64Array[];
}

/**
 * The light of a mono-exponential decay in every gate, over log τ (τ in ps) and the place of the response: computed
 * once at nodes, cubic (Hermite) between those of log τ and straight between places, so that a fit need not convolve
 * and wrap in every step.
 */
export class DecayTable {
  readonly gates: number;
  private readonly firstLogTau: number;
  private readonly step: number;
  private readonly reachPs: number;
  private readonly placeStepPs: number;
  private readonly places: Place[];

  constructor(instrument: Instrument) {
    const logTaus = logSpaced(instrument.tauPs, NODES);
    this.gates = instrument.gates;
    this.firstLogTau = logTaus[0]!;
    this.step = logTaus[1]! - logTaus[0]!;
    this.reachPs = instrument.reachPs;
    const steps = Math.max(1, Math.ceil((2 * this.reachPs) / PLACE_STEP_PS));
    this.placeStepPs = this.reachPs > 0 ? (2 * this.reachPs) / steps : PLACE_STEP_PS;
    this.places = Array.from({ length: steps + 1 }, (_, place) =>
      tabulate(instrument, logTaus, this.step, place * this.placeStepPs - this.reachPs),
    );
  }

  /** The light at log τ and a shift of the response. */
  at(logTau: number, shiftNs: number, into: GateLight): void {
    const along = (1000 * shiftNs + this.reachPs) / this.placeStepPs;
    const place = Math.min(Math.max(Math.floor(along), 0), this.places.length - 2);
    const part = along - place;
    const node = Math.min(Math.max(Math.floor((logTau - this.firstLogTau) / this.step), 0), NODES - 2);
    const t = (logTau - this.firstLogTau) / this.step - node;
    const perNs = 1000 / this.placeStepPs;
    this.between(this.places[place]!, node, t, into.light, into.byLogTau);
    this.between(this.places[place + 1]!, node, t, into.next, into.nextByLogTau);
    for (let gate = 0; gate < this.gates; gate++) {
      const rise = into.next[gate]! - into.light[gate]!;
      into.light[gate] = into.light[gate]! + part * rise;
      into.byLogTau[gate] = (1 - part) * into.byLogTau[gate]! + part * into.nextByLogTau[gate]!;
      into.byShiftNs[gate] = rise * perNs;
    }
  }

  /** The cubic with both values and both slopes of two nodes: low + t·(a + t·(b + t·c)). */
  private between(
    { light, slopes }: Place,
    node: number,
    t: number,
    at: Float64Array,
    byLogTau: Float64Array,
  ): void {
    const [low, high] = [light[node]!, light[node + 1]!];
    const [lowSlope, highSlope] = [slopes[node]!, slopes[node + 1]!];
    for (let gate = 0; gate < this.gates; gate++) {
      const a = lowSlope[gate]!;
      const rise = high[gate]! - low[gate]!;
      const b = 3 * rise - 2 * a - highSlope[gate]!;
      const c = a + highSlope[gate]! - 2 * rise;
      at[gate] = low[gate]! + t * (a + t * (b + t * c));
      byLogTau[gate] = (a + t * (2 * b + t * 3 * c)) / this.step;
    }
  }
}

/** What `DecayTable.at` fills, per gate. */
export class GateLight {
  readonly light: Float64Array;
  readonly byLogTau: Float64Array;
  readonly byShiftNs: Float64Array;
  /** Scratch: the same at the next place of the response. */
  readonly next: Float64Array;
  readonly nextByLogTau: Float64Array;

  constructor(gates: number) {
    this.light = new Float64Array(gates);
    this.byLogTau = new Float64Array(gates);
    this.byShiftNs = new Float64Array(gates);
    this.next = new Float64Array(gates);
    this.nextByLogTau = new Float64Array(gates);
  }
}

function tabulate(instrument: Instrument, logTaus: Float64Array, step: number, shiftPs: number): Place {
  const light = (logTau: number): Float64Array => instrument.lightInGates(Math.exp(logTau), shiftPs);
  return {
    light: Array.from(logTaus, light),
    slopes: Array.from(logTaus, (logTau) => {
      const [above, below] = [light(logTau + STEP), light(logTau - STEP)];
      return above.map((value, gate) => ((value - below[gate]!) / (2 * STEP)) * step);
    }),
  };
}
