import type { IrfNodes } from './irf.js';

/**
 * Where the photons of one mono-exponential decay fall, wrapped at the laser period in closed form: the light of
 * all earlier pulses is in it.
 *
 * A photon emitted by a periodic excitation at instant n arrives by time e with the cumulative probability
 * (1 − exp(−(e−n)/τ)) / (1 − exp(−T/τ)) for 0 ≤ e−n < T, continued by 1 per period. The response's nodes n are
 * moved into the period that begins with the first gate, so that |e−n| < T for every gate edge e.
 */
export class WrappedDecay {
  private readonly instants: Float64Array;
  private readonly weights: Float64Array;
  private readonly growth: Float64Array;

  constructor(
    private readonly startsPs: ArrayLike<number>,
    private readonly endsPs: ArrayLike<number>,
    private readonly periodPs: number,
    private readonly irf: IrfNodes,
  ) {
    const nodes = irf.weights.length;
    this.instants = new Float64Array(nodes);
    this.weights = new Float64Array(nodes);
    this.growth = new Float64Array(nodes + 1);
  }

  /** Puts the response at `centrePs`, stretched by `widthFactor`; holds for the following `addTo`. */
  place(centrePs: number, widthFactor: number): void {
    const { offsetsPs, weights } = this.irf;
    const first = this.startsPs[0]!;
    for (let k = 0; k < weights.length; k++) {
      const past = centrePs + offsetsPs[k]! * widthFactor - first;
      const instant = past - Math.floor(past / this.periodPs) * this.periodPs;
      let at = k;
      for (; at > 0 && this.instants[at - 1]! > instant; at--) {
        this.instants[at] = this.instants[at - 1]!;
        this.weights[at] = this.weights[at - 1]!;
      }
      this.instants[at] = instant;
      this.weights[at] = weights[k]!;
    }
  }

  /** Adds `photons` times the probability of every gate to `gates`. τ at least a 500th of the period: exp(T / τ) must be a number. */
  addTo(gates: Float64Array, tauPs: number, photons: number): void {
    const nodes = this.instants.length;
    const once = Math.exp(-this.periodPs / tauPs);
    const scale = photons / (1 - once);
    const first = this.startsPs[0]!;
    for (let k = 0; k < nodes; k++) {
      this.growth[k + 1] = this.growth[k]! + this.weights[k]! * Math.exp(this.instants[k]! / tauPs);
    }
    let passed = 0;
    let weightPassed = 0;
    const cumulative = (edgePs: number): number => {
      const edge = edgePs - first;
      while (passed < nodes && this.instants[passed]! <= edge) weightPassed += this.weights[passed++]!;
      const grown = this.growth[passed]! + once * (this.growth[nodes]! - this.growth[passed]!);
      return photons * weightPassed - scale * Math.exp(-edge / tauPs) * grown;
    };
    let before = cumulative(this.startsPs[0]!);
    let beforeAt = this.startsPs[0]!;
    for (let gate = 0; gate < gates.length; gate++) {
      if (this.startsPs[gate] !== beforeAt) before = cumulative(this.startsPs[gate]!);
      const after = cumulative(this.endsPs[gate]!);
      gates[gate] = gates[gate]! + after - before;
      before = after;
      beforeAt = this.endsPs[gate]!;
    }
  }
}
