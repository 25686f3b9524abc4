import { beforeAll, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import { describeWithTool } from '../support/tools.js';
import { buildDevice, type Clocks, DeviceBench } from './support/device-bench.js';
import { receive, type SeenSeries } from './support/device-series.js';
import { bytesOf, type Exposure, geometry, randomExposure, standInPlanes } from './support/device-truth.js';

const OUTPUT_LIFETIMES = 1;
const OUTPUT_HISTOGRAMS = 2;
const OUTPUT_BOTH = 3;
const OUTPUT_ALL = 7;
const MIN_PHOTONS = 3;

/** Every frame arrived whole, equals its exposure, and all that was sent is accounted for. */
function expectFrames(
  seen: SeenSeries,
  exposures: readonly Exposure[],
  output: number,
  minPhotons = MIN_PHOTONS,
): void {
  expect(seen.frames.map(({ complete }) => complete)).toEqual(seen.frames.map(() => true));
  expect(seen.frames).toHaveLength(exposures.length);
  seen.frames.forEach((frame, i) => {
    const { histograms } = exposures[i]!;
    if (output & OUTPUT_HISTOGRAMS) expect(frame.histograms).toEqual(histograms);
    if (output & OUTPUT_LIFETIMES) {
      const planes = standInPlanes(histograms, minPhotons).slice(0, output & 4 ? 5 : 3);
      planes.forEach((plane, p) => expect(frame.planes[p]).toEqual(bytesOf(plane)));
    }
    expect(frame.endTicks).toBeGreaterThan(frame.startTicks);
  });
  expectAccountedFor(seen);
  expect(seen.end).toMatchObject({ framesSent: exposures.length });
}

function expectAccountedFor(seen: SeenSeries): void {
  expect(seen.counters).toMatchObject({ packetsLost: 0, packetsDuplicated: 0, packetsInvalid: 0 });
  expect(seen.packets.map(({ sequence }) => sequence)).toEqual(seen.packets.map((_, i) => i));
  expect(seen.end!.packets).toBe(seen.packets.length);
  expect(seen.packets.at(-1)!.type).toBe(5);
}

describeWithTool(['verilator', 'g++'], 'flimd_device', () => {
  let program: string;
  beforeAll(async () => {
    program = await buildDevice();
  }, 180_000);

  /** A bench with `frames` random exposures. */
  function benchWith(seed: number, frames: number, clocks?: Clocks, most?: number): DeviceBench {
    const random = new Random(seed);
    const bench = new DeviceBench(clocks);
    bench.exposures = Array.from({ length: frames }, () => randomExposure(random, most));
    return bench;
  }

  const runs: { output: number; rows: number; clocks: Clocks; stalls: Record<string, number> }[] = [
    { output: OUTPUT_ALL, rows: 8, clocks: [5000, 10_000, 4000], stalls: { coreLanes: 16, eventGap: 50 } },
    { output: OUTPUT_BOTH, rows: 1, clocks: [5000, 7000, 13_000], stalls: { coreLanes: 32, coreStall: 60 } },
    { output: OUTPUT_LIFETIMES, rows: 2, clocks: [5000, 3000, 5100], stalls: { linkStall: 70 } },
    { output: 5, rows: 3, clocks: [9000, 4000, 4000], stalls: { linkStall: 50, coreStall: 50, coreLanes: 5 } },
    { output: OUTPUT_HISTOGRAMS, rows: 2, clocks: [4000, 4000, 11_000], stalls: { linkStall: 40 } },
  ];
  it.each(runs)('sends output $output in packets of $rows rows, clocks $clocks', async (run) => {
    for (const seed of [1, 2]) {
      const bench = benchWith(seed, 5, run.clocks).set(run.stalls);
      bench.arm({ series: 9, output: run.output, frameLimit: 5, rowsPerPacket: run.rows });
      bench.command('start');
      bench.say('untilState 0');
      const sent = bench.read('packetsSent');
      const flags = bench.read('errorFlags');
      const seen = receive(await bench.run(program, seed), 9, run.output);
      expectFrames(seen, bench.exposures, run.output);
      expect(seen.frames.map(({ frame }) => frame)).toEqual([0, 1, 2, 3, 4]);
      expect(sent.value).toBe(seen.packets.length);
      expect(flags.value).toBe(0);
    }
  });
});
