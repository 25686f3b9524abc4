import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import { describeWithTool } from '../support/tools.js';
import { buildDevice, type Clocks, DeviceBench } from './support/device-bench.js';
import { receive, type SeenSeries } from './support/device-series.js';
import { bytesOf, type Exposure, randomExposure, standInPlanes } from './support/device-truth.js';

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
    {
      output: 5,
      rows: 3,
      clocks: [9000, 4000, 4000],
      stalls: { linkStall: 50, coreStall: 50, coreLanes: 5 },
    },
    // The last band is filled before the CRC of the one before is joined.
    { output: 5, rows: 6, clocks: [5000, 10_000, 2000], stalls: { coreLanes: 32 } },
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

  it('drops whole frames while the link is stalled, and says so', async () => {
    const bench = benchWith(3, 40, [5000, 10_000, 4000], 200).set({ linkStall: 100 });
    bench.arm({ series: 4, output: OUTPUT_ALL, frameLimit: 12, framePeriodUs: 3000 });
    bench.command('start');
    // 12 periods of 3000 cycles pass; the FIFO of the link holds half a frame.
    bench.say('run 120000').set({ linkStall: 0 }).say('untilState 0');
    const dropped = bench.read('framesDropped');
    const stalled = bench.read('linkStallCycles');
    const begun = bench.ask('exposures');
    const seen = receive(await bench.run(program, 3), 4, OUTPUT_ALL);
    expect(dropped.value).toBeGreaterThan(0);
    expect(dropped.value + begun.value).toBe(12);
    expectFrames(seen, bench.exposures.slice(0, begun.value), OUTPUT_ALL);
    expect(seen.end).toMatchObject({ framesDropped: dropped.value });
    expect(seen.counters.framesDroppedByDevice).toBe(dropped.value);
    const numbers = seen.frames.map(({ frame }) => frame);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(numbers.slice(0, 2)).toEqual([0, 1]);
    expect(stalled.value).toBeGreaterThan(10_000);
  });

  it('keeps the frame period', async () => {
    const bench = benchWith(5, 6, [5000, 5000, 4000], 100);
    bench.arm({ series: 4, output: OUTPUT_HISTOGRAMS, frameLimit: 6, framePeriodUs: 2500 });
    bench.command('start');
    bench.say('untilState 0');
    const seen = receive(await bench.run(program, 5), 4, OUTPUT_HISTOGRAMS);
    expectFrames(seen, bench.exposures, OUTPUT_HISTOGRAMS);
    const starts = seen.frames.map(({ startTicks }) => startTicks);
    // Delays of a few cycles do not add up.
    for (let i = 1; i < 6; i++) expect(Math.abs(starts[i]! - starts[0]! - 2500 * i)).toBeLessThan(5);
  });

  it('counts the events that find their FIFO full', async () => {
    const bench = benchWith(6, 2, [10_000, 2000, 4000], 6000).set({ heedAlmostFull: 0 });
    bench.arm({ series: 1, output: OUTPUT_HISTOGRAMS, frameLimit: 2 });
    bench.command('start');
    bench.say('untilState 0');
    const dropped = bench.read('eventsDropped');
    const flags = bench.read('errorFlags');
    const irq = bench.ask('irq');
    const seen = receive(await bench.run(program, 6), 1, OUTPUT_HISTOGRAMS);
    const offered = bench.exposures.reduce((sum, { events }) => sum + events.length / 2, 0);
    const counted = seen.frames.reduce(
      (sum, { histograms }) => sum + histograms.reduce((a, b) => a + b, 0),
      0,
    );
    expect(dropped.value).toBeGreaterThan(0);
    expect(counted + dropped.value).toBe(offered);
    expect([flags.value, irq.value]).toEqual([1, 1]);
  });

  it('saturates a bin, and keeps events outside the image out', async () => {
    const bench = new DeviceBench([5000, 5000, 4000]);
    const histograms = new Uint16Array(12 * 7 * 8);
    histograms[83 * 8 + 7] = 65_535;
    const events = Uint32Array.from({ length: 2 * 65_600 }, (_, i) => (i % 2 === 0 ? 83 : 7));
    events.set([84, 0, 0, 8], 0);
    bench.exposures = [{ events, histograms }];
    bench.arm({ series: 1, output: OUTPUT_HISTOGRAMS, frameLimit: 1 });
    bench.command('start');
    bench.say('untilState 0');
    const saturated = bench.read('eventsSaturated');
    const before = bench.read('errorFlags');
    const cleared = bench.write('errorFlags', 2);
    const after = bench.read('errorFlags');
    expectFrames(receive(await bench.run(program, 7), 1, 2), bench.exposures, OUTPUT_HISTOGRAMS);
    expect(saturated.value).toBe(65_600 - 2 - 65_535);
    expect([before.value, cleared.text, after.value]).toEqual([34, 'ok', 32]);
  });

  it('finishes the frames exposed after stop', async () => {
    const bench = benchWith(8, 30).set({ linkStall: 30 });
    bench.arm({ series: 2, output: OUTPUT_ALL, rowsPerPacket: 2 });
    bench.command('start');
    bench.say('untilPackets 20');
    bench.command('stop');
    bench.say('untilState 0');
    const begun = bench.ask('exposures');
    const sent = bench.read('framesSent');
    const seen = receive(await bench.run(program, 8), 2, OUTPUT_ALL);
    expect(begun.value).toBeGreaterThan(1);
    expect(sent.value).toBe(begun.value);
    expectFrames(seen, bench.exposures.slice(0, begun.value), OUTPUT_ALL);
  });

  it.each([
    { packets: 3, coreStall: 0 },
    { packets: 17, coreStall: 95 },
    { packets: 21, coreStall: 50 },
    { packets: 30, coreStall: 90 },
  ])('aborts after packet $packets, and the next series is whole', async ({ packets, coreStall }) => {
    const bench = benchWith(packets, 40).set({ linkStall: 60, coreLanes: 8, coreStall });
    bench.arm({ series: 2, output: OUTPUT_ALL, rowsPerPacket: 2 });
    bench.command('start');
    bench.say(`untilPackets ${packets}`);
    bench.command('abort');
    const state = bench.read('state');
    bench.say('untilState 0');
    const begun = bench.ask('exposures');
    bench.arm({ series: 3, output: OUTPUT_ALL, frameLimit: 3, rowsPerPacket: 3 });
    const counters = [bench.read('packetsSent'), bench.read('framesSent'), bench.read('framesDropped')];
    bench.command('start');
    bench.say('untilState 0');
    const bytes = await bench.run(program, packets);
    expect(state.value).toBe(3);
    const aborted = receive(bytes, 2, OUTPUT_ALL);
    expectAccountedFor(aborted);
    // Not the whole of what was in the device: at most the packet under way and what the link's FIFO held.
    expect(aborted.frames.filter(({ complete }) => complete).length).toBeLessThanOrEqual(begun.value);
    expect(aborted.end!.framesSent).toBe(aborted.packets.filter(({ type }) => type === 4).length);
    expect(counters.map(({ value }) => value)).toEqual([0, 0, 0]);
    const first = begun.value;
    expectFrames(receive(bytes, 3, OUTPUT_ALL), bench.exposures.slice(first, first + 3), OUTPUT_ALL);
  });

  it.each([100, 2777, 7501, 9000])(
    'is as after power-on when it was reset %i edges into a series',
    async (edges) => {
      const bench = benchWith(edges, 40).set({ linkStall: 40, coreStall: 30 });
      bench.arm({ series: 2, output: OUTPUT_ALL, rowsPerPacket: 3 });
      bench.command('start');
      bench.say(`run ${edges}`, 'reset');
      const registers = [bench.read('state'), bench.read('series'), bench.read('rowsPerPacket')];
      const exposed = bench.ask('exposures');
      bench.arm({ series: 3, output: OUTPUT_ALL, frameLimit: 3, rowsPerPacket: 3 });
      bench.command('start');
      bench.say('untilState 0');
      const seen = receive(await bench.run(program, edges), 3, OUTPUT_ALL);
      expect(registers.map(({ value }) => value)).toEqual([0, 0, 8]);
      expectFrames(seen, bench.exposures.slice(exposed.value, exposed.value + 3), OUTPUT_ALL);
      expect(seen.decoder.packetsInvalid).toBeLessThanOrEqual(1);
    },
  );

  it('sends injected histograms in the place of the sensor’s', async () => {
    const random = new Random(11);
    const bench = benchWith(11, 6).set({ injectStall: 30 });
    const exact = randomExposure(random);
    const short = randomExposure(random);
    const long = randomExposure(random);
    const afterwards = randomExposure(random);
    const shortBytes = 800;
    const cut = new Uint16Array(short.histograms.length);
    cut.set(short.histograms.subarray(0, shortBytes / 2));
    bench.injected = [
      bytesOf(exact.histograms),
      bytesOf(short.histograms).subarray(0, shortBytes),
      Buffer.concat([bytesOf(long.histograms), new Uint8Array(100).fill(1)]),
      bytesOf(afterwards.histograms),
    ];
    bench.arm({ series: 2, output: OUTPUT_ALL, frameLimit: 4, histogramSource: 1 });
    bench.command('start');
    bench.say('inject', 'untilState 0');
    const flags = bench.read('errorFlags');
    const seen = receive(await bench.run(program, 11), 2, OUTPUT_ALL);
    expectFrames(seen, [exact, { ...short, histograms: cut }, long, afterwards], OUTPUT_ALL);
    expect(flags.value).toBe(4 + 8);
  });

  it('aborts while it waits for an injected frame', async () => {
    const bench = benchWith(12, 6);
    bench.injected = [new Uint8Array(400)];
    bench.arm({ series: 2, output: OUTPUT_ALL, histogramSource: 1 });
    bench.command('start');
    bench.say('inject', 'run 20000');
    bench.command('abort');
    bench.say('untilState 0');
    const seen = receive(await bench.run(program, 12), 2, OUTPUT_ALL);
    expectAccountedFor(seen);
    // The frame that came was short and was filled up; the next one never came.
    expect(seen.end).toMatchObject({ framesSent: 1 });
  });

  it.each([-3, 4])('tells of a core that gives %i results too many, and goes on', async (surplus) => {
    const bench = benchWith(13, 3).set({ coreSurplusBeats: surplus, coreLanes: 8 });
    bench.arm({ series: 2, output: OUTPUT_ALL, frameLimit: 3 });
    bench.command('start');
    bench.say('untilState 0');
    const flags = bench.read('errorFlags');
    const seen = receive(await bench.run(program, 13), 2, OUTPUT_ALL);
    expect(flags.value).toBe(16);
    expectAccountedFor(seen);
    expect(seen.frames.map(({ complete }) => complete)).toEqual([true, true, true]);
    const planesOf = (i: number): Uint8Array[] =>
      standInPlanes(bench.exposures[i]!.histograms, MIN_PHOTONS).map(bytesOf);
    // Two beats a pixel: the last two pixels of the first frame have lost theirs.
    const kept = surplus < 0 ? 12 * 7 - 2 : 12 * 7;
    expect(seen.frames[0]!.planes[0]!.subarray(0, 2 * kept)).toEqual(planesOf(0)[0]!.subarray(0, 2 * kept));
    expect(seen.frames[1]!.planes).toEqual(planesOf(1));
    expect(seen.frames[2]!.planes).toEqual(planesOf(2));
  });

  it('tells of a core that refuses its registers', async () => {
    const bench = benchWith(14, 1).set({ coreResponse: 2 });
    bench.arm({ series: 2, output: OUTPUT_ALL, frameLimit: 1 });
    bench.command('start');
    bench.say('untilState 0');
    const flags = bench.read('errorFlags');
    await bench.run(program, 14);
    expect(flags.value).toBe(16);
  });

  describe('a core with a model as constants, whose slave decodes five address bits', () => {
    const series = (seed: number, coreBaked: number): DeviceBench => {
      const bench = benchWith(seed, 3).set({ coreBaked, coreLanes: 8, coreStall: 40 });
      bench.arm({ series: 2, output: OUTPUT_ALL, frameLimit: 3 });
      bench.command('start');
      return bench.say('untilState 0');
    };
    let withoutBins: string;
    beforeAll(async () => {
      withoutBins = await buildDevice({ CORE_TAKES_BINS: 0 });
    }, 180_000);

    it('is started by the device that does not write `bins`', async () => {
      const bench = series(18, 1);
      const flags = bench.read('errorFlags');
      expectFrames(receive(await bench.run(withoutBins, 18), 2, OUTPUT_ALL), bench.exposures, OUTPUT_ALL);
      expect(flags.value).toBe(0);
    });

    it('would take `bins` for a word to its control register', async () => {
      await expect(series(19, 1).run(program, 19)).rejects.toThrow("the core's control was written 8");
    });

    it('is not the core with run-time weights, which needs `bins`', async () => {
      await expect(series(20, 0).run(withoutBins, 20)).rejects.toThrow('the core was told of 0 bins');
    });
  });

  it('sends telemetry once a second between frames', async () => {
    const bench = benchWith(15, 20).set({ ticksPerCycle: 100 });
    bench.arm({ series: 2, output: OUTPUT_BOTH, framePeriodUs: 200_000, frameLimit: 16 });
    bench.command('start');
    bench.say('untilState 0');
    const rate = bench.read('photonRateHz');
    const peak = bench.read('peakPixelRateHz');
    const seen = receive(await bench.run(program, 15), 2, OUTPUT_BOTH);
    expectFrames(seen, bench.exposures.slice(0, 16), OUTPUT_BOTH);
    // 15 periods of 0.2 s from the first frame to the last.
    expect(seen.telemetry).toHaveLength(3);
    const photons = [...standInPlanes(bench.exposures[15]!.histograms, 0)[2]!];
    expect(rate.value).toBe(5 * photons.reduce((a, b) => a + b, 0));
    expect(peak.value).toBe(5 * Math.max(...photons));
    const [temperature, bias, , , laser] = seen.telemetry[0]!;
    expect([temperature, bias, laser]).toEqual([31_000, 24_700, 80_000_000]);
  });

  it('lowers rowsPerPacket to what a payload holds', async () => {
    const rows: { output: number; asked: number; given: number }[] = [
      { output: OUTPUT_HISTOGRAMS, asked: 8, given: 5 },
      { output: OUTPUT_LIFETIMES, asked: 100, given: 7 },
      { output: OUTPUT_ALL, asked: 5, given: 5 },
      { output: 5, asked: 6, given: 6 },
    ];
    const bench = new DeviceBench();
    const answers = rows.map(({ output, asked }) => {
      bench.arm({ series: 1, output, rowsPerPacket: asked });
      const given = bench.read('rowsPerPacket');
      bench.command('disarm');
      return given;
    });
    await bench.run(program, 16);
    expect(answers.map(({ value }) => value)).toEqual(rows.map(({ given }) => given));
  });

  it('applies the photon limit that the host raised', async () => {
    const bench = benchWith(17, 2);
    bench.arm({ series: 2, output: OUTPUT_ALL, frameLimit: 2, minPhotons: 7 });
    bench.command('start');
    bench.say('untilState 0');
    const seen = receive(await bench.run(program, 17), 2, OUTPUT_ALL);
    expectFrames(seen, bench.exposures, OUTPUT_ALL, 7);
  });
});
