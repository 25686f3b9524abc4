import { DeviceOutput } from '../../protocol/registers.js';
import type { CameraUnderTest } from '../camera-under-test.js';
import { type Check, type Finding, finding, type Outcome } from '../check.js';
import { FrameComparison } from '../frame-comparison.js';
import { frameKinds, frameTerms } from '../frame-kinds.js';
import { InjectedSeries } from '../injected-series.js';
import { canInject } from '../injector.js';
import { seriesFindings } from '../soundness.js';

/** Known histograms in: the lifetimes that the host computes of them out, bit for bit, and the histograms themselves. */
export const injectedFramesCheck: Check = {
  name: 'injected-frames',
  about: 'what it makes of histograms that the host sends it',
  run: injectFrames,
};

/** The second half of the frames is judged with a limit that the register, not the network, sets. */
const RAISED_LIMIT = (least: number): number => 2 * least + 1;

async function injectFrames(subject: CameraUnderTest): Promise<Outcome> {
  const obstacle = await obstacleIn(subject);
  if (obstacle) return { skipped: obstacle };
  const { judge, options } = subject;
  const least = judge?.model.network.minPhotons ?? 0;
  const kinds = frameKinds(frameTerms(subject.description, judge, least));
  const comparison = new FrameComparison(subject);
  const findings: Finding[] = [];
  let done = 0;
  for (const { frames, minPhotons } of halves(options.frames, least)) {
    const terms = frameTerms(subject.description, judge, minPhotons);
    const series = new InjectedSeries(subject, {
      frames,
      first: done,
      kinds,
      terms,
      output: outputOf(subject),
    });
    const seenBefore = done;
    const record = await series.run(async (sent, slot, origin) => {
      if (subject.offers('histograms')) comparison.compareHistograms(sent, slot, origin);
      if (judge) await comparison.compareLifetimes(sent, slot, minPhotons, origin);
      subject.onProgress(seenBefore + origin.frame + 1, options.frames);
    });
    findings.push(...series.findings, ...seriesFindings(record, series.findings.length > 0));
    done += frames;
    if (series.findings.length > 0) break;
  }
  if (comparison.frames + comparison.histograms === 0) findings.push(finding('no injected frame came back'));
  return {
    summary: summaryOf(subject, comparison, kinds.length),
    figures: {
      ...{ frames: options.frames, kinds, seed: options.seed },
      ...{ lifetimeFramesCompared: comparison.frames, pixelsCompared: comparison.pixels },
      ...{ pixelsDiffering: comparison.differing, referencePixels: comparison.referencePixels },
      pixelsValid: comparison.valid,
      histogramFramesCompared: comparison.histograms,
      histogramsDiffering: comparison.histogramsDiffering,
    },
    findings: [...findings, ...comparison.findings],
  };
}

function summaryOf(subject: CameraUnderTest, comparison: FrameComparison, kinds: number): string {
  const { histograms, histogramsDiffering } = comparison;
  const lifetimes = subject.judge ? comparison.inWords : `lifetimes not judged: ${subject.choice.why}`;
  const counts = histograms > 0 ? `; ${histogramsDiffering} histograms came back otherwise than sent` : '';
  return `${subject.options.frames} frames of ${kinds} kinds: ${lifetimes}${counts}`;
}

async function obstacleIn(subject: CameraUnderTest): Promise<string | null> {
  if (!subject.camera.linkInjects) {
    return 'this link carries no histograms to the camera; USB and PCIe do';
  }
  if (!subject.judge && !subject.offers('histograms')) return subject.choice.why;
  if (!(await canInject(subject))) return 'this camera has no injector: it refuses histogramSource 1';
  return null;
}

/** Lifetimes that nobody can judge are not asked for. */
function outputOf({ allOutputs, judge }: CameraUnderTest): number {
  return judge ? allOutputs : DeviceOutput.histograms;
}

/** Twice the series where there is a network with a limit, and frames enough. */
function halves(frames: number, least: number): { frames: number; minPhotons: number }[] {
  const second = least > 0 ? Math.floor(frames / 2) : 0;
  const all = [
    { frames: frames - second, minPhotons: least },
    { frames: second, minPhotons: RAISED_LIMIT(least) },
  ];
  return all.filter((half) => half.frames > 0);
}
