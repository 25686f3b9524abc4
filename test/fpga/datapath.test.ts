import { expect, it } from 'vitest';
import { pipelineDepths } from '../../src/fpga/schedule.js';
import { describeWithTool } from '../support/tools.js';
import { runDatapath } from './support/datapath.js';
import { headVectors, normalizerVectors, outputVectors, unitVectors } from './support/vectors.js';

/** Lines as [results…, latency]: the results, and all latencies. */
function told(lines: number[][]): { results: number[][]; latencies: Set<number> } {
  return {
    results: lines.map((line) => line.slice(0, -1)),
    latencies: new Set(lines.map((line) => line.at(-1)!)),
  };
}

const tools = ['verilator', 'g++'];
/** Verilating and compiling on a busy machine. */
const BUILD_MS = 300_000;

describeWithTool(tools, 'the datapath in Verilog gives the bits of the reference arithmetic', () => {
  it.each([
    { unroll: 4, columns: 8 },
    { unroll: 32, columns: 1 },
  ])(
    'gru_unit, $unroll products a row and cycle',
    async ({ unroll, columns }) => {
      const { numbers, expected } = unitVectors(unroll, unroll, columns, 1500);
      const { results, latencies } = told(await runDatapath('gru_unit', { UNROLL: unroll }, numbers, unroll));
      expect(results).toEqual(expected);
      expect([...latencies]).toEqual([pipelineDepths.unit]);
      // Neither always saturated nor always small.
      expect(new Set(expected.map(([state]) => state)).size).toBeGreaterThan(500);
    },
    BUILD_MS,
  );

  it(
    'gate_normalizer',
    async () => {
      const { numbers, expected } = normalizerVectors(3, 32, 200);
      const { results, latencies } = told(await runDatapath('gate_normalizer', {}, numbers, 3));
      expect(results.map(([feature, , ...features]) => [feature, ...features])).toEqual(expected);
      expect(new Set(results.map(([, cycles]) => cycles))).toEqual(new Set([pipelineDepths.reciprocal]));
      expect([...latencies]).toEqual([pipelineDepths.gate]);
    },
    BUILD_MS,
  );

  it(
    'head_row',
    async () => {
      const { numbers, expected } = headVectors(4, 4, 8, 1500);
      const { results, latencies } = told(await runDatapath('head_row', { UNROLL: 4 }, numbers, 4));
      expect(results).toEqual(expected);
      expect([...latencies]).toEqual([pipelineDepths.head]);
    },
    BUILD_MS,
  );

  it(
    'lifetime_output',
    async () => {
      const { numbers, expected } = outputVectors(5, 32, 500);
      const { results, latencies } = told(await runDatapath('lifetime_output', {}, numbers, 5));
      expect(results).toEqual(expected);
      expect([...latencies]).toEqual([pipelineDepths.output]);
      const valid = expected.filter(([amplitude]) => amplitude! > 0).length;
      expect(valid).toBeGreaterThan(100);
      expect(valid).toBeLessThan(450);
    },
    BUILD_MS,
  );
});
