import { readBlock } from '../../camera/register-values.js';
import type { CameraUnderTest } from '../camera-under-test.js';
import { type Check, finding, type Outcome } from '../check.js';
import { pause } from '../waiting.js';

/** The device clock runs at `tickHz`, as far as the host's clock can tell. */
export const clockCheck: Check = {
  name: 'clock',
  about: 'the device clock beside the host’s',
  run: timeClock,
};

/** Readings at either end; the one with the shortest round trip counts. */
const READINGS = 64;
const MS_PER_S = 1000;
const PPM = 1e6;

interface ClockReading {
  ticks: number;
  /** Of the host's monotonic clock, in the middle of the request, ms. */
  hostMs: number;
  roundTripMs: number;
}

async function timeClock(subject: CameraUnderTest): Promise<Outcome> {
  const { tickHz } = subject.description;
  const { clockSeconds, clockPpm } = subject.options;
  const before = await readings(subject);
  await pause(clockSeconds * MS_PER_S, subject.signal);
  const after = await readings(subject);
  const { ppm, uncertaintyPpm, seconds } = drift(best(before), best(after), tickHz);
  const backwards = countBackwards([...before, ...after]);
  if (uncertaintyPpm > clockPpm && backwards === 0 && Math.abs(ppm) <= uncertaintyPpm + clockPpm) {
    return {
      skipped: `${rounded(ppm)} ± ${rounded(uncertaintyPpm)} ppm: round trips to the registers are too slow to judge ${clockPpm} ppm`,
    };
  }
  const texts = [
    ...(backwards > 0 ? [`ticks went back ${backwards} times`] : []),
    ...(Math.abs(ppm) > clockPpm + uncertaintyPpm
      ? [
          `the device clock is ${rounded(ppm)} ± ${rounded(uncertaintyPpm)} ppm off; at most ${clockPpm} expected`,
        ]
      : []),
  ];
  return {
    summary: `${rounded(ppm)} ± ${rounded(uncertaintyPpm)} ppm off the host's clock over ${seconds.toFixed(1)} s at ${tickHz / 1e6} MHz`,
    figures: { ppm, uncertaintyPpm, seconds, tickHz, limitPpm: clockPpm },
    findings: texts.map(finding),
  };
}

async function readings({ camera, signal }: CameraUnderTest): Promise<ClockReading[]> {
  const taken: ClockReading[] = [];
  for (let i = 0; i < READINGS; i++) {
    signal.throwIfAborted();
    const from = performance.now();
    const ticks = (await readBlock(camera.registers, 'status')).wide('ticks');
    const to = performance.now();
    taken.push({ ticks, hostMs: (from + to) / 2, roundTripMs: to - from });
  }
  return taken;
}

const best = (taken: readonly ClockReading[]): ClockReading =>
  taken.reduce((least, each) => (each.roundTripMs < least.roundTripMs ? each : least));

/** The device read its clock somewhere within each round trip: half of both is the uncertainty. */
function drift(from: ClockReading, to: ClockReading, tickHz: number) {
  const hostMs = to.hostMs - from.hostMs;
  const deviceMs = ((to.ticks - from.ticks) * MS_PER_S) / tickHz;
  return {
    ppm: PPM * (deviceMs / hostMs - 1),
    uncertaintyPpm: (PPM * (from.roundTripMs + to.roundTripMs)) / 2 / hostMs,
    seconds: hostMs / MS_PER_S,
  };
}

const countBackwards = (taken: readonly ClockReading[]): number =>
  taken.filter(({ ticks }, i) => i > 0 && ticks < taken[i - 1]!.ticks).length;

const rounded = (ppm: number): string => ppm.toFixed(Math.abs(ppm) < 10 ? 1 : 0);
