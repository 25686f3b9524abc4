import { expect } from 'vitest';
import type { PublishedFrame } from '../../src/acquisition/frame-assembler.js';
import { checkConservation } from '../../src/acquisition/run-counters.js';
import type { FaultLedger, FaultProbabilities } from '../../src/camera-sim/faults.js';
import { DeviceOutput } from '../../src/protocol/registers.js';
import type { RunCounters } from '../../src/protocol/stream.js';
import type { RowComparison } from './reference-frames.js';

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
