import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { CameraUnderTest } from '../camera-under-test.js';
import { type Check, finding, type Outcome } from '../check.js';
import { seriesFindings } from '../soundness.js';
import { pause } from '../waiting.js';

/** How fast the camera sends when nothing holds it back; a figure, and a failure only where packets were lost. */
export const rateCheck: Check = { name: 'rate', about: 'how fast it sends', run: timeFrames };

const RESOLUTION_MS = 1;
const NS_PER_MS = 1e6;

async function timeFrames(subject: CameraUnderTest): Promise<Outcome> {
  const { camera, options, signal } = subject;
  const probe = await subject.start({ output: subject.allOutputs, frameLimit: 0, framePeriodUs: 0 });
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  try {
    if (!(await probe.untilFrames(1))) return stalled(options.stallMs);
    delay.enable();
    const before = { frames: probe.frames.length, at: performance.now() };
    await pause(options.rateSeconds * 1000, signal);
    const seconds = (performance.now() - before.at) / 1000;
    const framesPerSecond = (probe.frames.length - before.frames) / seconds;
    await camera.stop();
    if (!(await probe.untilIdle())) return stalled(options.stallMs);
    const record = await probe.collect();
    const eventLoopDelayP99Ms = Math.max(0, delay.percentile(99) / NS_PER_MS - RESOLUTION_MS);
    const { packetsLost, framesDroppedByDevice, framesDropped, framesReceived, bytesReceived } =
      record.counters;
    const megabytesPerSecond = (framesPerSecond * bytesReceived) / framesReceived / 1e6;
    return {
      summary:
        `${framesPerSecond.toFixed(1)} frames/s, ${megabytesPerSecond.toFixed(1)} MB/s over ${seconds.toFixed(1)} s, ` +
        `event-loop delay p99 ${eventLoopDelayP99Ms.toFixed(1)} ms; ${packetsLost} packets lost, ` +
        `${framesDroppedByDevice} frames dropped by the camera, ${framesDropped} by the host`,
      figures: {
        ...{ framesPerSecond, megabytesPerSecond, seconds, eventLoopDelayP99Ms },
        ...{ packetsLost, framesDroppedByDevice, framesDroppedByHost: framesDropped },
        linkStallCycles: record.diagnostics?.linkStallCycles ?? null,
      },
      findings: seriesFindings(record),
    };
  } finally {
    delay.disable();
  }
}

const stalled = (stallMs: number): Outcome => ({
  summary: 'stalled',
  figures: {},
  findings: [finding(`no frame came for ${stallMs} ms`)],
});
