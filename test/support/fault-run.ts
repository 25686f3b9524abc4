import { expect } from 'vitest';
import type { PublishedFrame } from '../../src/acquisition/frame-assembler.js';
import { checkConservation } from '../../src/acquisition/run-counters.js';
import type { FaultLedger, FaultProbabilities } from '../../src/camera-sim/faults.js';
import { DeviceOutput } from '../../src/protocol/registers.js';
import type { RunCounters } from '../../src/protocol/stream.js';
import type { RowComparison } from './reference-frames.js';
import type { virtualDevice } from './virtual-device.js';

type VirtualDevice = ReturnType<typeof virtualDevice>;

/** What series over bad links have in common, whatever the link. */
export const size = { width: 16, height: 16, bins: 8 };
/** The frames of the camera, over and over. */
export const scene = { ...size, seed: 42, fps: 0, cacheFrames: 24, photons: 60 };
export const BOTH = DeviceOutput.lifetimes | DeviceOutput.histograms;
export const expected = { lifetimes: true, standardErrors: false, histograms: true };
/** A packet of either kind for every row, and the end of the frame. */
export const PACKETS_PER_FRAME = 2 * size.height + 1;
export const onePercent: Partial<FaultProbabilities> = {
  drop: 0.01,
  corrupt: 0.01,
  truncate: 0.01,
  duplicate: 0.01,
  reorder: 0.01,
  garbage: 0.01,
};

/** What came of the frames of a run. */
export class FrameTally implements RowComparison {
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

export const hasNoErrors = { different: 0, dirty: 0 };

export function show(what: string, ...results: object[]): void {
  process.stdout.write(`${what}\n${results.map((result) => `  ${JSON.stringify(result)}\n`).join('')}`);
}

const bothHold = [{ holds: true }, { holds: true }];

/** The laws of a run, and what the injector says it did, against what the acquisition counted. */
export function expectLedgerMatches(counters: RunCounters, ledger: FaultLedger): void {
  expect(checkConservation(counters)).toMatchObject(bothHold);
  expect(counters).toMatchObject({
    packetsSent: ledger.packets,
    packetsReceived: ledger.packets - ledger.dropped - ledger.corrupted - ledger.truncated,
    packetsLost: ledger.dropped + ledger.corrupted + ledger.truncated,
    packetsDuplicated: ledger.duplicated,
    packetsReordered: ledger.reordered,
    packetsForeign: 0,
  });
}

/** The same of a run that ended with a disconnect: what was on its way then is lost, and counted nowhere. */
export function expectLedgerBounds(counters: RunCounters, ledger: FaultLedger): void {
  expect(checkConservation(counters)).toMatchObject(bothHold);
  expect(counters.packetsReceived).toBeLessThanOrEqual(
    ledger.packets - ledger.dropped - ledger.corrupted - ledger.truncated,
  );
}

/** Frames of a series: so few that a quarter of them come to their end in spite of 1 % disconnects. */
const FRAMES = 4;

/**
 * Series over a link on which each packet may be the last, one after the other, until so many packets were sent: each
 * ends in order, and the next starts from zero.
 * @param run how a series is received from connecting on, what came of all frames, and how many losses were told
 */
export async function expectSeriesInOrder(
  what: string,
  device: VirtualDevice,
  packets: number,
  run: { series(id: number, frames: number): Promise<RunCounters>; tally: FrameTally; losses(): number },
): Promise<void> {
  const total = { packets: 0, series: 0, lost: 0, framesPublished: 0 };
  while (total.packets < packets) {
    const series = 10 + total.series++;
    device.options.faults = { ...device.options.faults!, disconnect: 0.01, seed: series };
    const lossesBefore = run.losses();
    const counters = await run.series(series, FRAMES);
    const ledger = device.faultLedger!;
    total.packets += ledger.packets;
    total.framesPublished += counters.framesPublished;
    if (ledger.disconnects === 0) expectLedgerMatches(counters, ledger);
    else {
      total.lost++;
      expectLedgerBounds(counters, ledger);
      expect(run.losses()).toBe(lossesBefore + 1);
    }
  }
  const { tally } = run;
  show(what, total, tally);
  expect(total.lost).toBeGreaterThan(0.007 * packets);
  expect(total.series - total.lost).toBeGreaterThan(0.002 * packets);
  expect(tally).toMatchObject({ ...hasNoErrors, complete: total.framesPublished - tally.partial });
  expect(tally.complete).toBeGreaterThan(0.0005 * packets);
}
