import type { ConservationCheck, RunCounters } from '../protocol/stream.js';

export function emptyRunCounters(): RunCounters {
  return {
    packetsSent: null,
    packetsReceived: 0,
    packetsLost: 0,
    packetsDuplicated: 0,
    packetsReordered: 0,
    packetsLate: 0,
    packetsForeign: 0,
    packetsInvalid: 0,
    bytesSkipped: 0,
    bytesReceived: 0,
    framesReceived: 0,
    framesPublished: 0,
    framesPartial: 0,
    framesRejected: 0,
    framesDropped: 0,
    framesTimedOut: 0,
    framesMissing: 0,
    framesDroppedByDevice: 0,
    poolHighWater: 0,
  };
}

/**
 * The conservation laws of a finished run (field notes §4). The first needs to know what the device sent, and is
 * left out where the link broke before it could say so.
 */
export function checkConservation(counters: RunCounters): ConservationCheck[] {
  const frames = check(
    'framesReceived = framesPublished + framesRejected',
    counters.framesReceived,
    counters.framesPublished + counters.framesRejected,
  );
  if (counters.packetsSent === null) return [frames];
  const packets = check(
    'packetsSent = packetsReceived + packetsLost',
    counters.packetsSent,
    counters.packetsReceived + counters.packetsLost,
  );
  return [packets, frames];
}

function check(law: string, left: number, right: number): ConservationCheck {
  return { law, left, right, holds: left === right };
}
