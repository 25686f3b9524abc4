import type { RunCounters } from '../protocol/stream.js';
import { counter, gauge, type Metric } from './metric.js';
import { settledCounters, type SummedCounter } from './snapshot.js';

/** For each counter of a run the middle of its names, and what it counts. */
const counted: Readonly<Record<SummedCounter, [name: string, what: string]>> = {
  packetsSent: ['packets_sent', 'Packets that the camera put on the link'],
  packetsReceived: ['packets_received', 'Distinct packets that arrived sound'],
  packetsLost: ['packets_lost', 'Packets that never arrived sound'],
  packetsDuplicated: ['packets_duplicated', 'Sound packets that arrived again'],
  packetsReordered: ['packets_reordered', 'Sound packets that arrived after a later one'],
  packetsLate: ['packets_late', 'Sound packets whose frame had already been delivered or given up'],
  packetsForeign: ['packets_foreign', 'Sound packets of another series'],
  packetsInvalid: ['packets_invalid', 'Byte runs that looked like a packet and failed a CRC or a bound'],
  bytesSkipped: ['skipped_bytes', 'Bytes skipped while looking for a packet'],
  bytesReceived: ['received_bytes', 'Bytes that came over the data link'],
  framesReceived: ['frames_received', 'Frames of which at least one packet arrived sound'],
  framesPublished: ['frames_published', 'Frames handed on, complete or partial'],
  framesPartial: ['frames_partial', 'Published frames with rows missing'],
  framesRejected: ['frames_rejected', 'Frames given up: no buffer was free, or none of their rows arrived'],
  framesDropped: ['frames_dropped', 'Rejected frames for which no buffer was free'],
  framesTimedOut: ['frames_timed_out', 'Frames finished by time-out'],
  framesMissing: ['frames_missing', 'Frame numbers of which no packet arrived'],
  framesDroppedByDevice: [
    'frames_dropped_by_device',
    'Frames that the camera dropped because the link was full',
  ],
};

const names = Object.keys(counted) as SummedCounter[];
const isSettled = (name: SummedCounter): boolean => (settledCounters as readonly string[]).includes(name);

/** Over all series since the daemon began. */
export const sinceStart: readonly Metric[] = names.map((name) => {
  const [middle, what] = counted[name];
  const when = isSettled(name) ? ', of the series that have ended' : '';
  return counter(`flimd_${middle}_total`, `${what}${when}.`, ({ totals }) => totals.counters[name]);
});

/** Of the present series, or else of the last: they begin again at 0 with every series. */
export const ofRun: readonly Metric[] = [
  ...names.map((name): Metric => {
    const [middle, what] = counted[name];
    return gauge(`flimd_run_${middle}`, `${what}, in this or the last series.`, ({ status }) =>
      of(status, name),
    );
  }),
  gauge(
    'flimd_run_pool_high_water_buffers',
    'Most frame buffers in use at once, in this or the last series.',
    ({ status }) => of(status, 'poolHighWater'),
  ),
];

function of(
  {
    series,
    lastRun,
  }: { series: { counters: RunCounters } | null; lastRun: { counters: RunCounters } | null },
  name: keyof RunCounters,
): number | null {
  return (series ?? lastRun)?.counters[name] ?? null;
}
