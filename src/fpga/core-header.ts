import type { GatePlan } from '../lifetime/gate-plan.js';
import type { ModelPackage } from '../lifetime/model-package.js';
import { FlimdError } from '../protocol/errors.js';
import { binGates, coreTables, decoderTables } from './core-tables.js';

/** How much of the core works at the same time (hls/core/config.h, Parallel). */
export interface CoreParallelism {
  /** Pixels in parallel. */
  lanes: number;
  /** Multiply-accumulates per row, lane and cycle. */
  unroll: number;
  /** Pixels that take turns in a lane. */
  turns: number;
}

const MAX_LANES = 64;
const MAX_TURNS = 256;
const WEIGHTS_PER_WORD = 8;
/** Cycles that a new state takes to where it is read again, generously: product, sums, three activations in a row. */
export const ENCODER_DEPTH = 32;

/**
 * All units of a row at once, and as many turns as keep the recurrence from waiting: turns · hidden / unroll is at
 * least the depth of the pipeline.
 */
export function defaultParallelism(hidden: number, given: Partial<CoreParallelism> = {}): CoreParallelism {
  const unroll = given.unroll ?? hidden;
  const turns = given.turns ?? Math.max(1, Math.ceil((ENCODER_DEPTH * unroll) / hidden));
  return { lanes: given.lanes ?? 4, unroll, turns };
}

/** Throws FLIMD_E_CONFIG for what no core can be made with. */
export function checkParallelism({ lanes, unroll, turns }: CoreParallelism, hidden: number): void {
  checkWhole('lanes', lanes, MAX_LANES);
  checkWhole('turns', turns, MAX_TURNS);
  const wordwise = unroll % WEIGHTS_PER_WORD === 0 || WEIGHTS_PER_WORD % unroll === 0 || unroll === hidden;
  if (!Number.isInteger(unroll) || unroll < 1 || hidden % unroll !== 0 || !wordwise) {
    throw new FlimdError('FLIMD_E_CONFIG', `a core of ${hidden} units cannot be unrolled by ${unroll}`, {
      value: unroll,
      expected: `a divisor of ${hidden} that is 1, 2, 4, a multiple of 8, or ${hidden}`,
      action: 'give another --unroll, or leave it out for all units at once',
    });
  }
  // Tools dissolve a loop of one iteration, and its pipeline with it.
  if (turns * hidden > unroll) return;
  throw new FlimdError('FLIMD_E_CONFIG', `a core of ${hidden} units with unroll ${unroll} needs turns`, {
    value: turns,
    expected: `${hidden} units / unroll ${unroll} · turns of at least 2`,
    action: 'give more --turns, or a smaller --unroll',
  });
}

function checkWhole(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new FlimdError('FLIMD_E_CONFIG', `${name} of a core cannot be ${value}`, {
    value,
    expected: `a whole number from 1 to ${most}`,
    action: `give another --${name}`,
  });
}

/** `model.h` of a core: the numbers of a model as constants, on the bins of a detector. */
export function coreHeader(model: ModelPackage, plan: GatePlan, parallelism: CoreParallelism): string {
  const { network, decoder, hash, name } = model;
  checkParallelism(parallelism, network.hidden);
  const lines = [
    ...sizes(model, plan, parallelism),
    ...networkTables(model),
    table('uint16_t', 'BinGates', [...binGates(plan)]),
    ...(decoder ? decoderLines(model) : []),
  ];
  return `// Generated from the model package ${name} (${hash.slice(0, 16)}) by \`flimd model hls\`. Do not edit.
// Numbers of docs/fixed-point.md; how they are packed stands in src/fpga/core-tables.ts.
#pragma once

#include <stdint.h>

namespace flimd {
namespace model {

${lines.join('\n')}

}  // namespace model
}  // namespace flimd
`;
}

function sizes({ network, decoder, hash }: ModelPackage, plan: GatePlan, parallelism: CoreParallelism) {
  const { photonFeature, lifetimeRangePs } = network;
  return [
    ...integers('int', {
      Hidden: network.hidden,
      Head: network.head,
      Gates: network.gates,
      Bins: plan.bins,
      Lanes: parallelism.lanes,
      Unroll: parallelism.unroll,
      Turns: parallelism.turns,
      Decoder: decoder ? 1 : 0,
    }),
    ...integers('uint32_t', { MinPhotons: network.minPhotons }),
    ...integers('int32_t', {
      PhotonFeatureMin: photonFeature[0],
      PhotonFeatureMax: photonFeature[1],
      LifetimeMinPs: lifetimeRangePs[0],
      LifetimeMaxPs: lifetimeRangePs[1],
    }),
    '// First 8 bytes of the model hash, the first in the lowest.',
    `constexpr uint64_t kModelHash = ${word64(Buffer.from(hash, 'hex').readBigUInt64LE(0))};`,
  ];
}

const integers = (type: string, values: Record<string, number>): string[] =>
  Object.entries(values).map(([name, value]) => `constexpr ${type} k${name} = ${value};`);

function networkTables({ network }: ModelPackage): string[] {
  const tables = coreTables(network, network);
  return [
    ...tablesOf('uint64_t', {
      ...pick(tables, ['updateWeights', 'resetWeights', 'newWeights', 'headWeights']),
    }),
    ...tablesOf('uint32_t', {
      ...pick(tables, ['inputWeights', 'photonWeights', 'shifts', 'outputWeights']),
    }),
    ...tablesOf('int32_t', {
      ...pick(tables, ['updateBiases', 'resetBiases', 'newHiddenBiases', 'newInputBiases']),
      ...pick(tables, ['headBiases', 'outputBiases']),
    }),
    ...tablesOf('uint8_t', { ...pick(tables, ['headShifts', 'outputShifts']) }),
  ];
}

function decoderLines({ network, decoder }: ModelPackage): string[] {
  const tables = decoderTables(decoder!, network.hidden);
  const named = Object.entries(tables).map(([name, values]) => [`Decoder${capital(name)}`, values] as const);
  const typeOf = (name: string, values: readonly (number | bigint)[]): string => {
    if (typeof values[0] === 'bigint') return 'uint64_t';
    if (name.endsWith('ReadoutWeights')) return 'int8_t';
    return name.endsWith('Biases') ? 'int32_t' : 'uint32_t';
  };
  return [
    ...named.map(([name, values]) => table(typeOf(name, values), name, values)),
    ...integers('int32_t', {
      DecoderReadoutBias: decoder!.readoutBias[0]!,
      DecoderReadoutShift: decoder!.readoutShift[0]!,
    }),
  ];
}

const pick = <T, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> =>
  Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;

const tablesOf = (type: string, tables: Record<string, readonly (number | bigint)[]>): string[] =>
  Object.entries(tables).map(([name, values]) => table(type, capital(name), values));

const capital = (name: string): string => name[0]!.toUpperCase() + name.slice(1);

const word64 = (value: bigint): string => `0x${value.toString(16).padStart(16, '0')}ULL`;
const LINE = 116;

/** A table of constants, its values in lines of a readable width. */
function table(type: string, name: string, values: readonly (number | bigint)[]): string {
  const lines = [''];
  for (const value of values) {
    const text = typeof value === 'bigint' ? word64(value) : String(value);
    const line = lines.at(-1)!;
    if (line === '') lines[lines.length - 1] = `${text},`;
    else if (line.length + text.length + 2 > LINE) lines.push(`${text},`);
    else lines[lines.length - 1] = `${line} ${text},`;
  }
  return `static const ${type} k${name}[${values.length}] = {\n    ${lines.join('\n    ')}\n};`;
}
