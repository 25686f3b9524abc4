import { type IrfNodes, irfNodes, type IrfShape, type MeasuredShape } from '../training/irf.js';
import { WrappedDecay } from '../training/wrapped-decay.js';
import type { BinnedCounts } from './binned-counts.js';
import type { ExpectedCounts, Parameter } from './poisson-fit.js';

/** What is looked for: a formula, whose width is fitted as well, or a measured response, which is only moved. */
export type ResponseFamily = 'gaussian' | 'rectangle' | MeasuredShape;

export interface ModelForm {
  family: ResponseFamily;
  components: 1 | 2;
  /** null where the laser period is fitted. */
  laserPeriodPs: number | null;
  /** Where the response is put when the window does not show its edge; null where it is fitted. */
  placed: Placement | null;
}

export interface Placement {
  centerPs: number;
  widthPs: number;
}

/** An instrument and a sample, as the fit sees them. */
export interface InstrumentState {
  centerPs: number;
  widthPs: number;
  /** Of the decay, over a whole period. */
  photons: number;
  backgroundPerBin: number;
  /** Ascending. */
  tausPs: number[];
  /** Part of the decay's photons with the first of the lifetimes. */
  fraction: number;
  laserPeriodPs: number;
}

/** Fine enough that nodes which pass the edge of a bin leave no steps in the likelihood. */
const fineQuadrature = { nodes: 160, reachSigma: 5 };
const UNIT_WIDTH_PS = 1000;
/** The period may be up to this many windows long; a longer one leaves no light of the pulse before. */
const LONGEST_PERIOD_WINDOWS = 3;
/** exp(T / τ) must be a number: see WrappedDecay. */
const PERIOD_PER_SHORTEST_TAU = 600;

export const parameterNames = [
  'center',
  'logWidth',
  'logPhotons',
  'background',
  'logTau1',
  'logTau2',
  'fraction',
  'period',
] as const;
export type ParameterName = (typeof parameterNames)[number];

/** The expected counts of a decay with wrap-around in the bins of a detector, and the parameters that a fit moves. */
export class InstrumentModel {
  readonly names: ParameterName[];
  private readonly startsPs: Float64Array;
  private readonly endsPs: Float64Array;
  private readonly unit: IrfNodes;
  private decay: WrappedDecay;
  private decayPeriodPs = NaN;

  constructor(
    private readonly data: BinnedCounts,
    private readonly form: ModelForm,
  ) {
    const { startPs, binWidthPs, counts } = data;
    this.startsPs = Float64Array.from(counts, (_, bin) => startPs + bin * binWidthPs);
    this.endsPs = Float64Array.from(counts, (_, bin) => startPs + (bin + 1) * binWidthPs);
    this.unit = irfNodes(unitShape(form.family), fineQuadrature);
    this.decay = new WrappedDecay(this.startsPs, this.endsPs, this.windowPs, this.unit);
    this.names = parameterNames.filter((name) => {
      if (name === 'center') return form.placed === null;
      if (name === 'logWidth') return typeof form.family === 'string' && form.placed === null;
      if (name === 'logTau2' || name === 'fraction') return form.components === 2;
      return name !== 'period' || form.laserPeriodPs === null;
    });
  }

  get windowPs(): number {
    return this.data.counts.length * this.data.binWidthPs;
  }

  /** The parameters of the fit, beginning at `state`. */
  parameters(state: InstrumentState): Parameter[] {
    const { binWidthPs, counts } = this.data;
    const most = Math.max(...counts);
    const period = this.form.laserPeriodPs ?? this.windowPs;
    const longestPeriod = this.form.laserPeriodPs ?? this.windowPs * LONGEST_PERIOD_WINDOWS;
    const shortest = Math.log(longestPeriod / PERIOD_PER_SHORTEST_TAU);
    const tau = (ps: number): Parameter =>
      within({ start: Math.log(ps), low: shortest, high: Math.log(20 * period), step: 1e-3 });
    const all: Record<ParameterName, () => Parameter> = {
      center: () => ({
        start: state.centerPs,
        low: state.centerPs - period / 2,
        high: state.centerPs + period / 2,
        step: binWidthPs / 20,
      }),
      logWidth: () =>
        within({
          start: Math.log(state.widthPs),
          low: Math.log(binWidthPs / 20),
          high: Math.log(period / 2),
          step: 1e-2,
        }),
      logPhotons: () => ({
        start: Math.log(state.photons),
        low: 0,
        high: Math.log(state.photons) + 5,
        step: 1e-4,
      }),
      background: () =>
        within({ start: state.backgroundPerBin, low: 0, high: most, step: Math.max(1e-4 * most, 1e-3) }),
      logTau1: () => tau(state.tausPs[0]!),
      logTau2: () => tau(state.tausPs[1] ?? state.tausPs[0]!),
      fraction: () => within({ start: state.fraction, low: 0, high: 1, step: 1e-3 }),
      period: () =>
        within({
          start: state.laserPeriodPs,
          low: this.windowPs,
          high: this.windowPs * LONGEST_PERIOD_WINDOWS,
          step: binWidthPs / 10,
        }),
    };
    return this.names.map((name) => all[name]());
  }

  state(parameters: Float64Array): InstrumentState {
    const value = (name: ParameterName, otherwise: number): number =>
      parameters[this.names.indexOf(name)] ?? otherwise;
    const { family, components, laserPeriodPs, placed } = this.form;
    const formulaWidth = (): number => placed?.widthPs ?? Math.exp(value('logWidth', NaN));
    return {
      centerPs: placed?.centerPs ?? value('center', NaN),
      widthPs: typeof family === 'string' ? formulaWidth() : family.fwhmPs,
      photons: Math.exp(value('logPhotons', NaN)),
      backgroundPerBin: value('background', NaN),
      tausPs: (['logTau1', 'logTau2'] as const)
        .slice(0, components)
        .map((name) => Math.exp(value(name, NaN))),
      fraction: value('fraction', 1),
      laserPeriodPs: laserPeriodPs ?? value('period', NaN),
    };
  }

  readonly expect: ExpectedCounts = (parameters, expected) => {
    const state = this.state(parameters);
    const { family } = this.form;
    if (state.laserPeriodPs !== this.decayPeriodPs) {
      this.decay = new WrappedDecay(this.startsPs, this.endsPs, state.laserPeriodPs, this.unit);
      this.decayPeriodPs = state.laserPeriodPs;
    }
    this.decay.place(state.centerPs, typeof family === 'string' ? state.widthPs / UNIT_WIDTH_PS : 1);
    expected.fill(state.backgroundPerBin);
    state.tausPs.forEach((tauPs, component) => {
      const part = component === 0 ? state.fraction : 1 - state.fraction;
      this.decay.addTo(expected, tauPs, part * state.photons);
    });
  };
}

function unitShape(family: ResponseFamily): IrfShape {
  if (family === 'gaussian') return { kind: 'gaussian', fwhmPs: UNIT_WIDTH_PS };
  if (family === 'rectangle') return { kind: 'rectangle', widthPs: UNIT_WIDTH_PS };
  return family;
}

/** A start outside the bounds begins at the nearer one. */
function within({ start, low, high, step }: Parameter): Parameter {
  return { start: Math.min(high, Math.max(low, start)), low, high, step };
}
