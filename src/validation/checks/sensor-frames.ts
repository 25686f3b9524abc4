import type { CameraUnderTest } from '../camera-under-test.js';
import { type Check, finding, type Outcome } from '../check.js';
import { FrameComparison } from '../frame-comparison.js';
import { readRegister } from '../register-image.js';
import { lawsInWords, seriesFindings } from '../soundness.js';

/** What the camera makes of its own histograms is what the host makes of them; nothing is lost on the way. */
export const sensorFramesCheck: Check = {
  name: 'sensor-frames',
  about: 'frames of the sensor, computed by camera and host',
  run: compareSensorFrames,
};

/** The host gets so many times what it needs for a frame, so that the camera does not outrun it. */
const HEADROOM = 2;

async function compareSensorFrames(subject: CameraUnderTest): Promise<Outcome> {
  const { choice, options } = subject;
  if (!choice.judge) return { skipped: choice.why };
  if (!subject.offers('histograms')) return { skipped: 'the camera keeps its histograms to itself' };
  const { judge } = choice;
  const minPhotons = judge.model.network.minPhotons;
  const comparison = new FrameComparison(subject);
  const framePeriodUs = await paceFor(subject, await judge.frameMs());
  const probe = await subject.start(
    { output: subject.allOutputs, frameLimit: options.frames, framePeriodUs, minPhotons },
    async ({ frame }, slot) => {
      await comparison.compareLifetimes(slot.histograms, slot, minPhotons, { frame, kind: 'sensor' });
      subject.onProgress(comparison.frames, options.frames);
    },
  );
  const ended = await probe.untilIdle();
  if (!ended) await subject.camera.abort();
  const record = await probe.collect();
  const stall = ended ? [] : [finding(`no frame came for ${options.stallMs} ms`)];
  const none = comparison.frames > 0 ? [] : [finding('no frame could be compared')];
  const { pixels, differing, frames } = comparison;
  const { packetsReceived, framesDroppedByDevice, framesDropped } = record.counters;
  return {
    summary:
      `${frames} frames: ${comparison.inWords}; ` +
      `${packetsReceived} packets, ${lawsInWords(record)}` +
      (framesDroppedByDevice > 0 ? `; ${framesDroppedByDevice} frames dropped by the camera` : '') +
      (framesDropped > 0 ? `; ${framesDropped} frames not compared, the host had no buffer` : ''),
    figures: {
      ...{ framesCompared: frames, pixelsCompared: pixels, pixelsDiffering: differing },
      pixelsValid: comparison.valid,
      ...{ referencePixels: comparison.referencePixels, framePeriodUs, packetsReceived },
      ...{ framesDroppedByDevice, framesDroppedByHost: framesDropped },
    },
    findings: [...stall, ...none, ...comparison.findings, ...seriesFindings(record, !ended)],
  };
}

/** The camera's own frame period, or a longer one where the host is slower, µs. */
async function paceFor({ camera }: CameraUnderTest, hostMs: number): Promise<number> {
  const own = await readRegister(camera.registers, 'framePeriodUs');
  return Math.max(own, Math.ceil(HEADROOM * hostMs * 1000));
}
