import { type DecayTable, GateLight } from './decay-table.js';

/**
 * What part of a pixel's photons each gate expects, of one or two lifetimes on an even background, and its
 * derivatives. Parameters: log τ of each component (τ in ps); with two of them the part of the light that the first
 * gives; the background's part of the photons; the shift of the response, ns. A change of 1 in any of them is large,
 * as the damping of the fit asks.
 */
export class DecayMixture {
  readonly gates: number;
  /** Result of `evaluate`; sum 1. */
  readonly shares: Float64Array;
  /** Result of `evaluate`: the derivative of the shares by every parameter. */
  readonly slopes: Float64Array[];
  private readonly lights: GateLight[];
  /** Light of all components, and its derivative by a parameter. */
  private readonly sum: Float64Array;
  private readonly added: Float64Array;

  constructor(
    private readonly table: DecayTable,
    private readonly widthShares: Float64Array,
    private readonly components: 1 | 2,
  ) {
    const { gates } = table;
    this.gates = gates;
    this.shares = new Float64Array(gates);
    this.slopes = Array.from({ length: components === 1 ? 3 : 5 }, () => new Float64Array(gates));
    this.lights = Array.from({ length: components }, () => new GateLight(gates));
    this.sum = new Float64Array(gates);
    this.added = new Float64Array(gates);
  }

  evaluate(parameters: ArrayLike<number>): void {
    const { sum, shares, widthShares, slopes } = this;
    const fractions = this.components === 1 ? [1] : [parameters[2]!, 1 - parameters[2]!];
    const [background, shiftNs] = [parameters[slopes.length - 2]!, parameters[slopes.length - 1]!];
    sum.fill(0);
    fractions.forEach((fraction, component) => {
      const light = this.lights[component]!;
      this.table.at(parameters[component]!, shiftNs, light);
      addScaled(sum, fraction, light.light);
    });
    const seen = total(sum);
    const byBackground = slopes[slopes.length - 2]!;
    for (let gate = 0; gate < this.gates; gate++) {
      byBackground[gate] = widthShares[gate]! - sum[gate]! / seen;
      shares[gate] = sum[gate]! / seen + background * byBackground[gate]!;
    }
    this.differentiate(fractions, seen, 1 - background);
  }

  private differentiate(fractions: number[], seen: number, lightShare: number): void {
    const { added, slopes, lights } = this;
    const scale = lightShare / seen;
    fractions.forEach((fraction, component) => {
      added.fill(0);
      addScaled(added, fraction, lights[component]!.byLogTau);
      this.normalize(slopes[component]!, seen, scale);
    });
    if (this.components === 2) {
      added.set(lights[0]!.light);
      addScaled(added, -1, lights[1]!.light);
      this.normalize(slopes[2]!, seen, scale);
    }
    added.fill(0);
    fractions.forEach((fraction, component) => addScaled(added, fraction, lights[component]!.byShiftNs));
    this.normalize(slopes[slopes.length - 1]!, seen, scale);
  }

  /** The shares have the sum 1: light that is added anywhere takes from every gate in proportion. */
  private normalize(slope: Float64Array, seen: number, scale: number): void {
    const all = total(this.added) / seen;
    for (let gate = 0; gate < this.gates; gate++) {
      slope[gate] = scale * (this.added[gate]! - all * this.sum[gate]!);
    }
  }
}

function addScaled(sums: Float64Array, factor: number, terms: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + factor * terms[i]!;
}

function total(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}
