import { afterEach, beforeAll, expect, it } from 'vitest';
import {
  expectLedgerMatches,
  expectSeriesInOrder,
  hasNoErrors,
  onePercent,
  PACKETS_PER_FRAME,
  scene,
  show,
} from '../support/fault-run.js';
import { referenceFrames } from '../support/in-process-run.js';
import type { ReferenceFrames } from '../support/reference-frames.js';
import { virtualDevice, type VirtualDeviceOptions } from '../support/virtual-device.js';
import { WorkerRun } from '../support/worker-run.js';
import { describeWithFuse } from './support/fuse.js';
import { Opened, targetOf } from './support/xdma-host.js';

const opened = new Opened();
afterEach(() => opened.close());

describeWithFuse('a bad link of a PCIe camera, received by the worker', () => {
  let reference: ReferenceFrames;
  beforeAll(async () => {
    reference = await referenceFrames();
  });

  async function start(faults: VirtualDeviceOptions['faults']) {
    const device = virtualDevice({ ...scene, faults });
    const server = await opened.serve(device);
    const run = await WorkerRun.open(targetOf(server), reference);
    opened.add(() => run.close());
    await run.connect();
    return { device, server, run };
  }

  it('accounts for each of 30,000 packets, and brings every row bit for bit', async () => {
    const { device, run } = await start({ ...onePercent, stall: 0.01, stallMs: 2 });
    const frames = Math.ceil(30_000 / PACKETS_PER_FRAME);
    const counters = await run.series(3, frames, 0);
    const ledger = device.faultLedger!;
    const { tally } = run;
    show('PCIe, every fault at 1 %', counters, ledger, tally);
    expect(ledger.packets).toBeGreaterThan(25_000);
    for (const faults of Object.values({ ...ledger, disconnects: 1000 })) expect(faults).toBeGreaterThan(150);
    expectLedgerMatches(counters, ledger);
    expect(counters.framesPublished + counters.framesRejected + counters.framesDroppedByDevice).toBe(frames);
    expect(tally).toMatchObject({
      ...hasNoErrors,
      complete: counters.framesPublished - counters.framesPartial,
    });
    expect(tally.complete).toBeGreaterThan(frames / 10);
  });

  it('with failures of the DMA engine: each ends its series in order, and the next starts from zero', async () => {
    const { device, run } = await start(onePercent);
    await expectSeriesInOrder('PCIe, the same with failures of the DMA engine', device, 10_000, {
      series: async (series, frames) => {
        await run.connect();
        return run.series(series, frames, 0);
      },
      tally: run.tally,
      losses: () => run.lost.length,
    });
    expect(new Set(run.lost)).toEqual(new Set(['FLIMD_E_LINK_LOST']));
  });
});
