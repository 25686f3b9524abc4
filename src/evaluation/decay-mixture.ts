import type { DecayTable } from './decay-table.js';

/**
 * What part of a pixel's photons each gate expects, of one or two lifetimes on an even background, and its
 * derivatives. Parameters: log τ of each component (τ in ps); with two of them the part of the light that the first
 * gives; last the background's part of the photons. All are of the order of 1, as the damping of the fit asks.
 */
export class DecayMixture {
  readonly gates: number;
  readonly parameters: number;
  /** Result of `evaluate`; sum 1. */
  readonly shares: Float64Array;
  /** Result of `evaluate`: the derivative of the shares by every parameter. */
  readonly slopes: Float64Array[];
  private readonly light: [Float64Array, Float64Array];
  private readonly lightSlopes: [Float64Array, Float64Array];
  private readonly sum: Float64Array;

  constructor(
    private readonly table: DecayTable,
    private readonly widthShares: Float64Array,
    private readonly components: 1 | 2,
  ) {
    const perGate = (): Float64Array => new Float64Array(table.gates);
    this.gates = table.gates;
    this.parameters = components === 1 ? 2 : 4;
    this.shares = perGate();
    this.slopes = Array.from({ length: this.parameters }, perGate);
    this.light = [perGate(), perGate()];
    this.lightSlopes = [perGate(), perGate()];
    this.sum = perGate();
  }

  evaluate(parameters: ArrayLike<number>): void {
    const { gates, components, sum, shares, widthShares } = this;
    const fractions = components === 1 ? [1] : [parameters[2]!, 1 - parameters[2]!];
    const background = parameters[this.parameters - 1]!;
    sum.fill(0);
    fractions.forEach((fraction, component) => {
      const light = this.light[component]!;
      this.table.at(parameters[component]!, light, this.lightSlopes[component]!);
      for (let gate = 0; gate < gates; gate++) sum[gate] = sum[gate]! + fraction * light[gate]!;
    });
    const seen = total(sum);
    const backgroundSlope = this.slopes[this.parameters - 1]!;
    for (let gate = 0; gate < gates; gate++) {
      backgroundSlope[gate] = widthShares[gate]! - sum[gate]! / seen;
      shares[gate] = sum[gate]! / seen + background * backgroundSlope[gate]!;
    }
    this.differentiate(fractions, seen, (1 - background) / seen);
  }

  private differentiate(fractions: number[], seen: number, scale: number): void {
    fractions.forEach((fraction, component) => {
      this.slopeOfLight(component, seen, scale * fraction, (gate) => this.lightSlopes[component]![gate]!);
    });
    if (this.components === 1) return;
    const [one, two] = this.light;
    this.slopeOfLight(2, seen, scale, (gate) => one[gate]! - two[gate]!);
  }

  /** The shares are normalized: what light is added anywhere takes from every gate in proportion. */
  private slopeOfLight(
    parameter: number,
    seen: number,
    scale: number,
    added: (gate: number) => number,
  ): void {
    const slope = this.slopes[parameter]!;
    let all = 0;
    for (let gate = 0; gate < this.gates; gate++) all += slope[gate] = added(gate);
    for (let gate = 0; gate < this.gates; gate++) {
      slope[gate] = scale * (slope[gate]! - (all * this.sum[gate]!) / seen);
    }
  }
}

function total(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}
