import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { checkConservation } from '../../src/acquisition/run-counters.js';
import type { DevicePort } from '../../src/camera-sim/device-port.js';
import { SimServer } from '../../src/camera-sim/sim-server.js';
import {
  expectLedgerMatches,
  expectSeriesInOrder,
  hasNoErrors,
  onePercent,
  PACKETS_PER_FRAME,
  scene,
  show,
} from '../support/fault-run.js';
import { InProcessRun, referenceFrames } from '../support/in-process-run.js';
import type { ReferenceFrames } from '../support/reference-frames.js';
import { virtualDevice, type VirtualDeviceOptions } from '../support/virtual-device.js';
import { WorkerRun } from '../support/worker-run.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

let reference: ReferenceFrames;
beforeAll(async () => {
  reference = await referenceFrames();
});

function inProcess(device: DevicePort): InProcessRun {
  const run = new InProcessRun(device, reference);
  closing.push(() => run.close());
  return run;
}

describe('100,000 packets over a bad link', () => {
  const frames = Math.ceil(100_000 / PACKETS_PER_FRAME);

  it('every packet is accounted for, every row delivered is bit-identical to the fault-free run', async () => {
    const run = inProcess(virtualDevice({ ...scene, faults: { ...onePercent, stall: 0.01, stallMs: 1 } }));
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
      const run = inProcess(device);
      await expectSeriesInOrder('the same with disconnects', device, 100_000, {
        series: async (series, frames) => {
          await run.receiver.connect(null);
          return run.series(series, frames);
        },
        tally: run.tally,
        losses: () => run.lost,
      });
    },
  );
});

describe('a bad link over TCP, received by the worker', () => {
  async function start(faults: VirtualDeviceOptions['faults']) {
    const device = virtualDevice({ ...scene, faults });
    const server = await SimServer.listen(device, '127.0.0.1', 0);
    closing.push(() => server.close());
    const run = await WorkerRun.open(
      { kind: 'tcp', host: '127.0.0.1', port: server.address.port },
      reference,
    );
    closing.push(() => run.close());
    await run.connect();
    return { device, run };
  }

  it('every packet is accounted for, every row delivered is bit-identical to the fault-free run', async () => {
    const { device, run } = await start({ ...onePercent, stall: 0.005, stallMs: 5 });
    const frames = 150;
    const counters = await run.series(3, frames);
    const ledger = device.faultLedger!;
    const { tally } = run;
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
    const { device, run } = await start({ disconnect: 0.002, seed: 7 });
    const first = await run.series(1, 1000);
    expect(device.faultLedger!.disconnects).toBe(1);
    expect(run.lost).toEqual(['FLIMD_E_LINK_LOST']);
    expect(first.packetsReceived).toBeLessThan(1000 * PACKETS_PER_FRAME);
    expect(checkConservation(first)).toMatchObject([{ holds: true }, { holds: true }]);

    device.options.faults = { ...device.options.faults!, disconnect: 0 };
    await run.connect();
    const second = await run.series(2, 20);
    show('before and after a disconnect', first, second, run.tally);
    expect(second).toMatchObject({
      packetsReceived: second.packetsSent,
      packetsLost: 0,
      packetsForeign: 0,
      framesPublished: 20,
      framesPartial: 0,
    });
    expect(run.tally).toMatchObject(hasNoErrors);
    expect(run.lost).toHaveLength(1);
  });
});
