// The model's estimates beside what Yosys counted (docs/fpga.json).
import { type Board, boards } from './boards.js';
import {
  deviceResources,
  fx3Link,
  gateNormalizer,
  gruUnit,
  headRow,
  lifetimeOutput,
  type Resources,
  sumOf,
} from './resources.js';

export interface CountedModule extends Resources {
  name: string;
  group: 'firmware' | 'datapath';
  parameters: Record<string, number>;
}

export interface Comparison {
  name: string;
  estimated: Resources;
  counted: Resources;
}

/** How far an estimate may lie from its count, as a share of the count; DSP slices and block RAM are counted exactly. */
export const tolerance: Readonly<Resources> = { luts: 0.15, flipFlops: 0.15, dsps: 0, ramb36: 0.05 };

/** What the model says of a counted module; undefined where it does not estimate it by itself. */
function estimateOf({ name, parameters }: CountedModule): Resources | undefined {
  if (name.startsWith('gru_unit')) return gruUnit(parameters['UNROLL']!);
  if (name === 'gate_normalizer') return gateNormalizer;
  if (name === 'head_row') return headRow;
  if (name === 'lifetime_output') return lifetimeOutput;
  const board: Board | undefined = boards.find((candidate) => name === `flimd_device ${candidate.name}`);
  return board && deviceResources(board);
}

export function compare(counts: CountedModule[]): Comparison[] {
  const single = counts.flatMap((counted) => {
    const estimated = estimateOf(counted);
    return estimated ? [{ name: counted.name, estimated, counted }] : [];
  });
  const link = counts.filter(({ name }) => ['fx3_slave_fifo', 'register_port'].includes(name));
  return [...single, { name: 'fx3_slave_fifo + register_port', estimated: fx3Link, counted: sumOf(link) }];
}

export const resourceNames = ['dsps', 'ramb36', 'luts', 'flipFlops'] as const;

/** Estimates beyond the tolerance, in words. */
export function contradictions(comparisons: Comparison[]): string[] {
  return comparisons.flatMap(({ name, estimated, counted }) =>
    resourceNames
      .filter((kind) => Math.abs(estimated[kind] - counted[kind]) > tolerance[kind] * counted[kind])
      .map((kind) => `${name}: ${kind} estimated ${estimated[kind]}, counted ${counted[kind]}`),
  );
}
