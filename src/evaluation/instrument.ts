import { FlimdError } from '../protocol/index.js';
import { FULL_EXPOSURE_PHOTONS, type DecayPrior, type Range } from '../training/decays.js';
import { irfNodes, type IrfNodes } from '../training/irf.js';
import { WrappedDecay } from '../training/wrapped-decay.js';

/** The pulse begins where the response has given this part of its light. */
const PULSE_BEGINS = 0.02;

/**
 * What a classical analysis takes as known of a prior: gates, laser period, the response at its nominal place and
 * width; and between what bounds lifetimes and background lie.
 */
export class Instrument {
  readonly gates: number;
  readonly periodPs: number;
  /** Part of an even background that falls in each gate. */
  readonly widthShares: Float64Array;
  /** Middle of each gate, counted from the gate in which the pulse begins, through the period. */
  readonly sincePulsePs: Float64Array;
  readonly tauPs: Range;
  /** How far the response may lie from its nominal place. */
  readonly reachPs: number;
  private readonly decay: WrappedDecay;

  constructor(private readonly prior: DecayPrior) {
    const startsPs = prior.gatesFs.map(([start]) => start / 1000);
    const endsPs = prior.gatesFs.map(([, end]) => end / 1000);
    const widthsPs = endsPs.map((end, gate) => end - startsPs[gate]!);
    const windowPs = widthsPs.reduce((sum, width) => sum + width);
    const irf = irfNodes(prior.irf);
    this.gates = prior.gatesFs.length;
    this.periodPs = prior.laserPeriodFs / 1000;
    this.widthShares = Float64Array.from(widthsPs, (width) => width / windowPs);
    const pulsePs = prior.irfCenterPs + pulseBegin(irf);
    this.sincePulsePs = Float64Array.from(endsPs, (end, gate) => {
      return modulo(end - pulsePs, this.periodPs) - widthsPs[gate]! / 2;
    });
    this.tauPs = lifetimeRange(prior);
    this.decay = new WrappedDecay(startsPs, endsPs, this.periodPs, irf);
    this.reachPs = prior.irfJitterPs;
  }

  /**
   * Part of the light of a mono-exponential decay that falls in each gate; its sum is below 1 where gates leave some
   * out. The response is `shiftPs` past its nominal place.
   */
  lightInGates(tauPs: number, shiftPs = 0): Float64Array {
    const light = new Float64Array(this.gates);
    this.decay.place(this.prior.irfCenterPs + shiftPs, 1);
    this.decay.addTo(light, tauPs, 1);
    return light;
  }

  /** Bounds of the part of `photons` that knows no pulse, dark photons among them. */
  backgroundRange(photons: number): Range {
    const exposure = Math.max(photons, FULL_EXPOSURE_PHOTONS);
    const { background, darkPhotons } = this.prior;
    const [low, high] = [0, 1].map((end) => background[end]! + darkPhotons[end]! / exposure);
    return [low!, high!];
  }

  /** What is subtracted where nothing but the prior is known of the background. */
  meanBackground(photons: number): number {
    const [low, high] = this.backgroundRange(photons);
    return (low + high) / 2;
  }
}

function pulseBegin({ offsetsPs, weights }: IrfNodes): number {
  let given = weights[0]!;
  let node = 0;
  while (given < PULSE_BEGINS) given += weights[++node]!;
  return offsetsPs[node]!;
}

function lifetimeRange({ tauPs, species }: DecayPrior): Range {
  const ranges = species === null ? [tauPs] : [tauPs, species.tau1Ps, species.tau2Ps];
  const low = Math.min(...ranges.map((range) => range[0]));
  const high = Math.max(...ranges.map((range) => range[1]));
  if (low < high) return [low, high];
  throw new FlimdError('FLIMD_E_TRAINING', 'a prior of one lifetime leaves nothing to estimate', {
    value: `${low}..${high} ps`,
    expected: 'a range of lifetimes',
    action: 'evaluate on a prior with a range of lifetimes',
  });
}

function modulo(value: number, period: number): number {
  return value - Math.floor(value / period) * period;
}
