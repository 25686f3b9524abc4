import { runStates } from '../protocol/stream.js';
import { counter, flag, gauge, labelled, type Metric, oneOf } from './metric.js';

/** What the daemon does, and how well. */
export const runMetrics: readonly Metric[] = [
  labelled(
    gauge('flimd_info', 'Always 1; the label says which version of flimd this is.', () => null),
    'version',
    ({ status }) => [[status.version, 1]],
  ),
  gauge('flimd_uptime_seconds', 'Time since the daemon began.', ({ status }) => status.uptimeS),
  labelled(
    gauge('flimd_state', '1 for the run state that holds now, 0 for the others.', () => null),
    'state',
    ({ status }) => oneOf(runStates, status.state.name),
  ),
  labelled(
    gauge(
      'flimd_error',
      '1 for the code of the error that stands, of the state or of a start that was refused; none where there is none.',
      () => null,
    ),
    'code',
    ({ status }) => (status.state.error ? [[status.state.error.code, 1]] : null),
  ),
  labelled(
    counter('flimd_runs_total', 'Series that have ended, by what ended them.', () => null),
    'reason',
    ({ totals }) => Object.entries(totals.runs),
  ),
  labelled(
    gauge(
      'flimd_last_run_conservation_holds',
      '1 where the conservation law held at the end of the last series, 0 where it did not: a defect.',
      () => null,
    ),
    'law',
    ({ status }) => status.lastRun?.conservation.map(({ law, holds }) => [law, flag(holds)] as const) ?? null,
  ),
];

/** From the assembled frame to its readers. */
export const frameMetrics: readonly Metric[] = [
  counter(
    'flimd_frames_delivered_total',
    'Frames whose lifetimes are known and that were handed to the stream.',
    ({ totals }) => totals.delivered.frames,
  ),
  counter(
    'flimd_photons_total',
    'Photons in the gates of the frames delivered.',
    ({ totals }) => totals.delivered.photons,
  ),
  gauge(
    'flimd_frame_rate_hertz',
    'Frames delivered a second, over the last 3 s.',
    ({ status }) => status.rates.framesPerSecond,
  ),
  gauge(
    'flimd_photon_rate_hertz',
    'Photons a second in the frames delivered, over the last 3 s.',
    ({ status }) => status.rates.photonsPerSecond,
  ),
  labelled(
    gauge(
      'flimd_latency_seconds',
      'From the frame complete at the camera to the frame handed to the stream, quantiles of the last 256 frames.',
      () => null,
    ),
    'quantile',
    ({ status: { latencyMs } }) =>
      latencyMs && [
        ['0.5', latencyMs.p50 / 1000],
        ['0.99', latencyMs.p99 / 1000],
      ],
  ),
  counter(
    'flimd_shadow_frames_total',
    'Frames computed by camera and host both, and compared.',
    ({ totals }) => totals.shadow.frames,
  ),
  counter('flimd_shadow_pixels_total', 'Pixels compared in them.', ({ totals }) => totals.shadow.pixels),
  counter(
    'flimd_shadow_mismatched_pixels_total',
    'Pixels of these in which camera and host differed.',
    ({ totals }) => totals.shadow.mismatchedPixels,
  ),
];
