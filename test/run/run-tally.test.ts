import { expect, it } from 'vitest';
import { emptyRunCounters } from '../../src/acquisition/run-counters.js';
import type { RunCounters } from '../../src/protocol/stream.js';
import { RunTally } from '../../src/run/run-tally.js';

const series = (changes: Partial<RunCounters>, shadow: [number, number, number] | null = null) => ({
  counters: { ...emptyRunCounters(), ...changes },
  shadow: shadow && { frames: shadow[0], pixels: shadow[1], mismatchedPixels: shadow[2] },
});
const none = { frames: 0, photons: 0 };

it('adds up series, and the one under way', () => {
  const tally = new RunTally();
  tally.seriesEnded(series({ packetsReceived: 10, framesPublished: 3 }, [3, 300, 1]), 'stopped');
  tally.seriesEnded(series({ packetsReceived: 5, framesPublished: 2 }), 'linkLost');
  const { counters, runs, shadow } = tally.totals(series({ packetsReceived: 1 }, [1, 100, 0]), none);
  expect(counters).toMatchObject({ packetsReceived: 16, framesPublished: 5 });
  expect(runs).toEqual({ stopped: 1, completed: 0, aborted: 0, linkLost: 1, error: 0 });
  expect(shadow).toEqual({ frames: 4, pixels: 400, mismatchedPixels: 1 });
  expect(tally.totals(null, none).counters.packetsReceived).toBe(15);
});

it('never goes down where a packet that was missing comes after all', () => {
  const tally = new RunTally();
  tally.seriesEnded(series({ packetsLost: 2, framesMissing: 1, packetsSent: 12 }), 'completed');
  const missing = tally.totals(series({ packetsLost: 3, framesMissing: 1, packetsSent: null }), none);
  const come = tally.totals(series({ packetsLost: 0, framesMissing: 0, packetsSent: 40 }), none);
  for (const { counters } of [missing, come])
    expect(counters).toMatchObject({ packetsLost: 2, framesMissing: 1, packetsSent: 12 });
  tally.seriesEnded(series({ packetsLost: 1, packetsSent: 40 }), 'stopped');
  expect(tally.totals(null, none).counters).toMatchObject({ packetsLost: 3, packetsSent: 52 });
});

it('counts the camera coming and going', () => {
  const tally = new RunTally();
  tally.cameraConnected();
  tally.cameraLost();
  tally.cameraConnected();
  expect(tally.totals(null, none).camera).toEqual({ connects: 2, losses: 1 });
});
