import type { DaemonStatus, RunCounters } from '../../src/protocol/index.js';
import { cameraErrors } from './camera-errors.js';
import { part, setText } from './dom.js';
import { pileUp, pileUpAdvice } from './pile-up.js';
import { grouped, short } from './wording.js';

export interface MetricContent {
  frame: number | null;
  shownPerSecond: number;
  latencyMs: number | null;
  /** Skipped for this viewer by the daemon. */
  skipped: number;
  status: DaemonStatus | null;
  /** Of the series shown: the run's, or the final ones of `end`. */
  counters: RunCounters | null;
}

/** The line of numbers at the bottom. */
export class Metrics {
  readonly #frame = part('metric-frame');
  readonly #fps = part('metric-fps');
  readonly #latency = part('metric-latency');
  readonly #skipped = part('metric-skipped');
  readonly #lost = part('metric-lost');
  readonly #partial = part('metric-partial');
  readonly #photons = part('metric-photons');
  readonly #pileUp = part('metric-pile-up');
  readonly #cameraErrors = part('metric-camera-errors');

  show({ frame, shownPerSecond, latencyMs, skipped, status, counters }: MetricContent): void {
    setText(this.#frame, frame === null ? '–' : grouped(frame));
    const published = status?.rates.framesPerSecond.toFixed(1) ?? '–';
    setText(this.#fps, `${shownPerSecond.toFixed(1)} / ${published}`);
    setText(this.#latency, latencyMs === null ? '–' : `${latencyMs.toFixed(0)} ms`);
    setText(this.#skipped, grouped(skipped));
    this.#showCounters(counters);
    setText(this.#photons, status === null ? '–' : short(status.rates.photonsPerSecond));
    this.#showPileUp(status?.telemetry ?? null);
    this.#showCameraErrors(status?.diagnostics ?? null);
  }

  #showCounters(counters: RunCounters | null): void {
    if (counters === null) {
      setText(this.#lost, '–');
      setText(this.#partial, '–');
      return;
    }
    const { packetsLost, framesRejected, framesMissing, framesDroppedByDevice } = counters;
    const framesLost = framesRejected + framesMissing + framesDroppedByDevice;
    setText(this.#lost, `${short(framesLost)} (${short(packetsLost)})`);
    alarm(this.#lost, packetsLost + framesLost > 0 ? 'warning' : 'none');
    setText(this.#partial, grouped(counters.framesPartial));
    alarm(this.#partial, counters.framesPartial > 0 ? 'warning' : 'none');
  }

  #showPileUp(telemetry: DaemonStatus['telemetry']): void {
    const known = telemetry !== null && telemetry.laserRateHz > 0;
    const share = known ? telemetry.peakPixelRateHz / telemetry.laserRateHz : 0;
    const degree = pileUp(share);
    const percent = `${(100 * share).toFixed(share < 0.01 ? 2 : 1)} %`;
    setText(this.#pileUp, !known ? '–' : degree === 'none' ? percent : `${percent} pile-up`);
    alarm(this.#pileUp, degree === 'severe' ? 'alarm' : degree === 'notable' ? 'warning' : 'none');
    this.#pileUp.parentElement!.title = pileUpAdvice[degree];
  }

  #showCameraErrors(diagnostics: NonNullable<DaemonStatus['diagnostics']> | null): void {
    const { text, advice } = cameraErrors(diagnostics);
    setText(this.#cameraErrors, text);
    alarm(this.#cameraErrors, diagnostics && diagnostics.errors.length > 0 ? 'warning' : 'none');
    this.#cameraErrors.parentElement!.title = advice;
  }
}

function alarm(element: HTMLElement, degree: 'none' | 'warning' | 'alarm'): void {
  element.dataset.alarm = degree;
}
