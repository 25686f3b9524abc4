import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Acquisition } from '../../src/acquisition/acquisition.js';
import { defaultAcquisitionLimits } from '../../src/acquisition/acquisition-options.js';
import { DataReceiver } from '../../src/acquisition/data-receiver.js';
import type { PublishedFrame } from '../../src/acquisition/frame-assembler.js';
import { FramePool } from '../../src/acquisition/frame-pool.js';
import { checkConservation } from '../../src/acquisition/run-counters.js';
import type { DevicePort } from '../../src/camera-sim/device-port.js';
import type { FaultLedger, FaultProbabilities } from '../../src/camera-sim/faults.js';
import { SimServer } from '../../src/camera-sim/sim-server.js';
import { Camera } from '../../src/camera/camera.js';
import type { TcpTarget } from '../../src/link/index.js';
import { DeviceCommand, DeviceOutput, DeviceState } from '../../src/protocol/registers.js';
import type { RunCounters } from '../../src/protocol/stream.js';
import { openerFor } from '../support/device-wire.js';
import { ReferenceFrames, type RowComparison } from '../support/reference-frames.js';
import { virtualDevice } from '../support/virtual-device.js';

const size = { width: 16, height: 16, bins: 8 };
const scene = { ...size, seed: 42, fps: 0, cacheFrames: 24, photons: 60 };
const BOTH = DeviceOutput.lifetimes | DeviceOutput.histograms;
const expected = { lifetimes: true, standardErrors: false, histograms: true };
/** A packet of either kind for every row, and the end of the frame. */
const PACKETS_PER_FRAME = 2 * size.height + 1;
const onePercent: Partial<FaultProbabilities> = {
  drop: 0.01,
  corrupt: 0.01,
  truncate: 0.01,
  duplicate: 0.01,
  reorder: 0.01,
  garbage: 0.01,
};

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** What came of the frames of a run. */
class FrameTally implements RowComparison {
  complete = 0;
  partial = 0;
  equal = 0;
  different = 0;
  missing = 0;
  dirty = 0;

  add(frame: PublishedFrame, rows: RowComparison): void {
    if (frame.complete) this.complete++;
    else this.partial++;
    for (const key of ['equal', 'different', 'missing', 'dirty'] as const) this[key] += rows[key];
  }
}

const reference = new ReferenceFrames(size.height);
const hasNoErrors = { different: 0, dirty: 0 };

function show(what: string, ...results: object[]): void {
  process.stdout.write(`${what}\n${results.map((result) => `  ${JSON.stringify(result)}\n`).join('')}`);
}

/** The laws of a run, and what the injector says it did, against what the acquisition counted. */
function expectLedgerMatches(counters: RunCounters, ledger: FaultLedger): void {
  expect(checkConservation(counters)).toMatchObject([{ holds: true }, { holds: true }]);
  expect(counters).toMatchObject({
    packetsSent: ledger.packets,
    packetsReceived: ledger.packets - ledger.dropped - ledger.corrupted - ledger.truncated,
    packetsLost: ledger.dropped + ledger.corrupted + ledger.truncated,
    packetsDuplicated: ledger.duplicated,
    packetsReordered: ledger.reordered,
    packetsForeign: 0,
  });
}

/** Device and receiver in this thread, with the link between that the options ask for. */
class InProcessRun {
  readonly pool = FramePool.allocate(
    { ...size, histograms: true },
    { ...defaultAcquisitionLimits, leastSlots: 5 },
  );
  readonly tally = new FrameTally();
  lost = 0;
  onFrame = (frame: PublishedFrame): void => {
    this.tally.add(frame, reference.compare(frame.frame, this.pool.slots[frame.slot]!));
  };
  readonly receiver: DataReceiver<null>;

  constructor(readonly device: DevicePort) {
    this.receiver = new DataReceiver({
      open: openerFor(device),
      // Nothing is on its way once the device, in the same thread, is idle.
      limits: { ...defaultAcquisitionLimits, settleMs: 20 },
      events: {
        frame: (frame) => {
          this.onFrame(frame);
          this.pool.release(frame.slot);
        },
        counters: () => {},
        telemetry: () => {},
        endOfSeries: () => {},
        lost: () => this.lost++,
        refused: (reason) => expect.fail(reason),
      },
    });
    const ticker = setInterval(() => this.receiver.tick(), 20);
    closing.push(async () => {
      clearInterval(ticker);
      await this.receiver.disconnect();
    });
  }

  /** Runs a series to its frame limit, or to the loss of the link. */
  async series(series: number, frameLimit: number): Promise<RunCounters> {
    const { registers } = this.device.camera;
    this.receiver.beginSeries({ series, share: this.pool.share, expect: expected });
    const settings = [BOTH, series, frameLimit, 1];
    registers.write(0x104, Uint32Array.from(settings));
    registers.write(0x100, Uint32Array.of(DeviceCommand.arm));
    registers.write(0x100, Uint32Array.of(DeviceCommand.start));
    await vi.waitUntil(() => registers.read(0x140, 1)[0] === DeviceState.idle, {
      timeout: 50_000,
      interval: 5,
    });
    const [packetsSent, framesSent, framesDroppedByDevice] = registers.read(0x180, 3);
    return this.receiver.endSeries({
      packetsSent: packetsSent!,
      framesSent: framesSent!,
      framesDroppedByDevice: framesDroppedByDevice!,
    });
  }
}

beforeAll(async () => {
  const run = new InProcessRun(virtualDevice(scene));
  run.onFrame = (frame) => reference.keep(frame.frame, run.pool.slots[frame.slot]!);
  await run.receiver.connect(null);
  const counters = await run.series(1, scene.cacheFrames);
  expect(counters).toMatchObject({
    packetsLost: 0,
    packetsInvalid: 0,
    bytesSkipped: 0,
    framesPublished: scene.cacheFrames,
    framesPartial: 0,
  });
  expect(reference.count).toBe(scene.cacheFrames);
  await run.receiver.disconnect();
});

describe('100,000 packets over a bad link', () => {
  const frames = Math.ceil(100_000 / PACKETS_PER_FRAME);

  it('every packet is accounted for, every row delivered is bit-identical to the fault-free run', async () => {
    const run = new InProcessRun(
      virtualDevice({ ...scene, faults: { ...onePercent, stall: 0.01, stallMs: 1 } }),
    );
    await run.receiver.connect(null);
    const counters = await run.series(5, frames);
    const ledger = run.device.faultLedger!;
    show('100,000 packets, every fault at 1 %', counters, ledger, run.tally);

    expect(ledger.packets).toBeGreaterThanOrEqual(100_000);
    for (const faults of Object.values({ ...ledger, disconnects: 1000 })) expect(faults).toBeGreaterThan(700);
    expectLedgerMatches(counters, ledger);
    expect(counters).toMatchObject({
      framesReceived: frames,
      framesPublished: frames,
      framesMissing: 0,
      framesDropped: 0,
      packetsLate: 0,
    });
    expect(run.tally).toMatchObject({ ...hasNoErrors, complete: frames - counters.framesPartial });
    // A lost packet costs one row at most; the ends of frames cost none.
    expect(run.tally.missing).toBeLessThanOrEqual(counters.packetsLost);
    expect(run.tally.missing).toBeGreaterThan(0.9 * counters.packetsLost);
    expect(run.tally.complete).toBeGreaterThan(frames / 4);
    expect(run.pool.inUse).toBe(0);
  });

  it(
    'with disconnects: each ends its series in order, and the next one starts from zero',
    { timeout: 300_000 },
    async () => {
      const device = virtualDevice({ ...scene, faults: onePercent });
      const run = new InProcessRun(device);
      const total = { packets: 0, series: 0, lost: 0, framesPublished: 0 };
      while (total.packets < 100_000) {
        const series = 10 + total.series++;
        device.options.faults = { ...device.options.faults!, disconnect: 0.01, seed: series };
        const lostBefore = run.lost;
        await run.receiver.connect(null);
        // So short that a quarter of the series come to their end in spite of 1 % disconnects.
        const counters = await run.series(series, 4);
        const ledger = device.faultLedger!;
        total.packets += ledger.packets;
        total.framesPublished += counters.framesPublished;
        expect(checkConservation(counters)).toMatchObject([{ holds: true }, { holds: true }]);
        if (ledger.disconnects === 0) expectLedgerMatches(counters, ledger);
        else {
          total.lost++;
          expect(run.lost).toBe(lostBefore + 1);
          expect(counters.packetsReceived).toBeLessThanOrEqual(
            ledger.packets - ledger.dropped - ledger.corrupted - ledger.truncated,
          );
        }
      }
      show('the same with disconnects', total, run.tally);
      expect(total.lost).toBeGreaterThan(700);
      expect(total.series - total.lost).toBeGreaterThan(200);
      expect(run.tally).toMatchObject({
        ...hasNoErrors,
        complete: total.framesPublished - run.tally.partial,
      });
      expect(run.tally.complete).toBeGreaterThan(50);
    },
  );
});

describe('a bad link over TCP, received by the worker', () => {
  async function start(faults: Partial<FaultProbabilities> & { stallMs?: number; seed?: number }) {
    const device = virtualDevice({ ...scene, faults });
    const server = await SimServer.listen(device, '127.0.0.1', 0);
    const target: TcpTarget = { kind: 'tcp', host: '127.0.0.1', port: server.address.port };
    const acquisition = await Acquisition.start({ poolSlots: 64 });
    const camera = await Camera.open(target);
    closing.push(
      () => server.close(),
      () => camera.close(),
      () => acquisition.close(),
    );
    const tally = new FrameTally();
    const run = async (series: number, frameLimit: number): Promise<RunCounters> => {
      const pool = await acquisition.beginSeries({ series, geometry: size, expect: expected });
      acquisition.removeAllListeners('frame').on('frame', (frame) => {
        tally.add(frame, reference.compare(frame.frame, pool.slots[frame.slot]!));
        acquisition.release(frame.slot);
      });
      await camera.arm({ series, output: BOTH, frameLimit, framePeriodUs: 3000, rowsPerPacket: 1 });
      await camera.start();
      await vi.waitUntil(async () => (await camera.readState()).state === 'idle', { timeout: 30_000 });
      const { packetsSent, framesSent, framesDropped } = await camera.readCounters();
      return acquisition.endSeries({ packetsSent, framesSent, framesDroppedByDevice: framesDropped });
    };
    return { device, server, target, acquisition, camera, tally, run };
  }

  it('every packet is accounted for, every row delivered is bit-identical to the fault-free run', async () => {
    const { server, target, acquisition, tally, run } = await start({
      ...onePercent,
      stall: 0.005,
      stallMs: 5,
    });
    await acquisition.connect(target);
    const frames = 150;
    const counters = await run(3, frames);
    const ledger = server.faultLedger!;
    show('TCP and worker', counters, ledger, tally);
    expectLedgerMatches(counters, ledger);
    expect(counters.framesPublished + counters.framesRejected).toBe(frames);
    expect(tally).toMatchObject({
      ...hasNoErrors,
      complete: counters.framesPublished - counters.framesPartial,
    });
    expect(tally.complete).toBeGreaterThan(20);
  });

  it('a disconnect ends the series with what had arrived; a new connection begins a new one', async () => {
    const { device, target, acquisition, tally, run } = await start({ disconnect: 0.002, seed: 7 });
    const lost: string[] = [];
    acquisition.on('lost', (error) => lost.push(error.code));
    await acquisition.connect(target);
    const first = await run(1, 1000);
    expect(device.faultLedger!.disconnects).toBe(1);
    expect(lost).toEqual(['FLIMD_E_LINK_LOST']);
    expect(first.packetsReceived).toBeLessThan(1000 * PACKETS_PER_FRAME);
    expect(checkConservation(first)).toMatchObject([{ holds: true }, { holds: true }]);

    device.options.faults = { ...device.options.faults!, disconnect: 0 };
    await acquisition.connect(target);
    const second = await run(2, 20);
    show('before and after a disconnect', first, second, tally);
    expect(second).toMatchObject({
      packetsReceived: second.packetsSent,
      packetsLost: 0,
      packetsForeign: 0,
      framesPublished: 20,
      framesPartial: 0,
    });
    expect(tally).toMatchObject(hasNoErrors);
    expect(lost).toHaveLength(1);
  });
});
