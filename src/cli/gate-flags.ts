import { FlimdError } from '../protocol/errors.js';
import {
  evenGates,
  gatesOfBins,
  parseGateSpec,
  parseNumber,
  parseWindow,
  required,
} from '../training/option-text.js';

/** The flags of `flimd model train` that lay out the gates, as text. */
export interface GateFlags {
  gates?: string;
  gateWidthPs?: string;
  windowStartPs?: string;
  gatesSpec?: string;
  bins?: string;
  binWidthPs?: string;
  window?: string;
}

/** Three ways to say where the gates lie, and what belongs to another of them. */
const spec: [keyof GateFlags, string][] = [
  ['gates', '--gates'],
  ['gateWidthPs', '--gate-width-ps'],
  ['windowStartPs', '--window-start-ps'],
  ['window', '--window'],
];
const ofOneWidth: [keyof GateFlags, string][] = [
  ['bins', '--bins'],
  ['window', '--window'],
];
const ofBins: [keyof GateFlags, string][] = [['windowStartPs', '--window-start-ps']];

/** Start and end of every gate, fs: `--gates-spec`, or `--gates` of `--gate-width-ps`, or `--gates` over a window of bins. */
export function gatesOf(flags: GateFlags): [number, number][] {
  if (flags.gatesSpec !== undefined) {
    refuse(flags, '--gates-spec', spec);
    return gatesOfSpec(flags, flags.gatesSpec);
  }
  const gates = parseNumber('--gates', required('--gates or --gates-spec', flags.gates));
  if (flags.gateWidthPs !== undefined) {
    refuse(flags, '--gate-width-ps', ofOneWidth);
    const startPs = parseNumber('--window-start-ps', flags.windowStartPs ?? '0');
    return evenGates(gates, parseNumber('--gate-width-ps', flags.gateWidthPs), startPs);
  }
  const bins = wholeBins(required('--bins or --gate-width-ps', flags.bins));
  refuse(flags, '--bins', ofBins);
  const window = parseWindow('--window', flags.window ?? `0..${bins}`, bins);
  return gatesOfBins('--gates', gates, window, binWidth(flags));
}

function gatesOfSpec(flags: GateFlags, text: string): [number, number][] {
  const binWidthPs = binWidth(flags);
  const gates = parseGateSpec('--gates-spec', text, binWidthPs);
  const endBin = Math.round(gates.at(-1)![1] / 1000 / binWidthPs);
  if (flags.bins === undefined || endBin <= wholeBins(flags.bins)) return gates;
  throw new FlimdError('FLIMD_E_CONFIG', `--gates-spec goes beyond the ${flags.bins} bins of the detector`, {
    value: text,
    expected: `runs that end at bin ${flags.bins} or before`,
    action: 'correct --gates-spec or --bins',
  });
}

function binWidth({ binWidthPs: text }: GateFlags): number {
  const binWidthPs = parseNumber('--bin-width-ps', required('--bin-width-ps', text));
  if (binWidthPs > 0) return binWidthPs;
  throw outOfRange('--bin-width-ps', text!, 'a width above 0');
}

function wholeBins(text: string): number {
  const bins = parseNumber('--bins', text);
  if (Number.isInteger(bins) && bins >= 2) return bins;
  throw outOfRange('--bins', text, 'a whole number, 2 or more');
}

function refuse(flags: GateFlags, chosen: string, others: readonly [keyof GateFlags, string][]): void {
  const given = others.filter(([name]) => flags[name] !== undefined).map(([, option]) => option);
  if (given.length === 0) return;
  throw new FlimdError(
    'FLIMD_E_CONFIG',
    `${chosen} already says where the gates lie, ${given.join(', ')} too`,
    {
      value: given,
      expected: '--gates-spec, or --gates with --gate-width-ps, or --gates with --bins and --bin-width-ps',
      action: `leave out ${chosen} or ${given.join(', ')}`,
    },
  );
}

function outOfRange(option: string, value: string, expected: string): FlimdError {
  return new FlimdError('FLIMD_E_CONFIG', `${option} is ${value}, expected ${expected}`, {
    value,
    expected,
    action: 'see --help of this command',
  });
}
