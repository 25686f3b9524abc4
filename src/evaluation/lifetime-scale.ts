import { FlimdError } from '../protocol/index.js';
import type { Range } from '../training/decays.js';

/** Nodes even in log τ: interpolated lifetimes are within 1e-5 of themselves between 0.2 and 5 ns. */
const NODES = 512;

/**
 * A figure of the decay that only grows, or only falls, with the lifetime, read backwards. What lies beyond the ends
 * of the range is taken as the end: a careful user would not report a lifetime the sample cannot have.
 */
export class LifetimeScale {
  private readonly logTaus: Float64Array;
  private readonly figures: Float64Array;

  constructor(name: string, [low, high]: Range, figureOf: (tauPs: number) => number) {
    this.logTaus = logSpaced([low, high], NODES);
    this.figures = this.logTaus.map((logTau) => figureOf(Math.exp(logTau)));
    if (this.figures[0]! > this.figures[NODES - 1]!) {
      this.figures.reverse();
      this.logTaus.reverse();
    }
    if (!this.figures.every((figure, node) => node === 0 || figure > this.figures[node - 1]!)) {
      throw new FlimdError('FLIMD_E_TRAINING', `the ${name} does not tell the lifetimes of the prior apart`, {
        value: `${low}..${high} ps`,
        expected: 'a figure that grows or falls with the lifetime in these gates',
        action: 'leave this estimator out, or choose gates that follow the decay for longer',
      });
    }
  }

  tauPs(figure: number): number {
    const { figures, logTaus } = this;
    if (figure <= figures[0]!) return Math.exp(logTaus[0]!);
    if (figure >= figures[NODES - 1]!) return Math.exp(logTaus[NODES - 1]!);
    let below = 0;
    for (let above = NODES - 1; above - below > 1;) {
      const middle = (below + above) >> 1;
      if (figures[middle]! <= figure) below = middle;
      else above = middle;
    }
    const part = (figure - figures[below]!) / (figures[below + 1]! - figures[below]!);
    return Math.exp(logTaus[below]! + part * (logTaus[below + 1]! - logTaus[below]!));
  }
}

/** Logarithms from one end of a range to the other, evenly. */
export function logSpaced([low, high]: Range, nodes: number): Float64Array {
  const step = Math.log(high / low) / (nodes - 1);
  return Float64Array.from({ length: nodes }, (_, node) => Math.log(low) + node * step);
}
