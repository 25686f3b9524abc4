import type { DaemonStatus } from '../protocol/stream.js';
import { counter, flag, gauge, labelled, type Metric } from './metric.js';

type Telemetry = NonNullable<DaemonStatus['telemetry']>;
type Diagnostics = NonNullable<DaemonStatus['diagnostics']>;

const told = (name: Metric['name'], help: string, of: (telemetry: Telemetry) => number): Metric =>
  gauge(name, help, ({ status }) => status.telemetry && of(status.telemetry));

const diagnosed = (name: Metric['name'], help: string, of: (diagnostics: Diagnostics) => number): Metric =>
  gauge(name, help, ({ status }) => (status.diagnostics ? of(status.diagnostics) : null));

/** The camera over its data link, and the link. */
export const cameraMetrics: readonly Metric[] = [
  gauge('flimd_camera_connected', '1 while the camera is connected.', ({ status }) =>
    flag(status.camera !== null),
  ),
  {
    name: 'flimd_camera_info',
    type: 'gauge',
    help: 'Always 1 while a camera is connected; the labels say which.',
    labels: ['kind', 'serial', 'firmware', 'bitstream'],
    read: ({ status: { camera } }) => {
      if (!camera) return null;
      const { kind, serial, firmware, bitstreamId: bitstream } = camera;
      return [{ labels: { kind, serial, firmware, bitstream }, value: 1 }];
    },
  },
  counter(
    'flimd_camera_connects_total',
    'How often a camera was opened.',
    ({ totals }) => totals.camera.connects,
  ),
  counter(
    'flimd_camera_reconnects_total',
    'How often a camera was opened again after it had been lost.',
    ({ totals }) => Math.max(0, totals.camera.connects - 1),
  ),
  counter(
    'flimd_camera_losses_total',
    'How often the camera was lost.',
    ({ totals }) => totals.camera.losses,
  ),
  told(
    'flimd_camera_temperature_celsius',
    'Temperature that the camera tells.',
    ({ temperatureC }) => temperatureC,
  ),
  told('flimd_camera_bias_volts', 'Bias of the sensor that the camera tells.', ({ biasV }) => biasV),
  told(
    'flimd_camera_photon_rate_hertz',
    'Photons a second that the camera counts, whole array.',
    ({ photonRateHz }) => photonRateHz,
  ),
  told(
    'flimd_camera_peak_pixel_rate_hertz',
    'Photons a second of its brightest pixel.',
    ({ peakPixelRateHz }) => peakPixelRateHz,
  ),
  told('flimd_camera_laser_rate_hertz', 'Laser pulses a second.', ({ laserRateHz }) => laserRateHz),
  labelled(
    gauge(
      'flimd_camera_error',
      '1 for each kind of error inside the camera in this or the last series.',
      () => null,
    ),
    'error',
    ({ status }) => status.diagnostics?.errors.map((name) => [name, 1] as const) ?? null,
  ),
  diagnosed(
    'flimd_camera_run_link_stall_cycles',
    'Cycles of the camera’s clock in which a packet waited for the link, in this or the last series.',
    ({ linkStallCycles }) => linkStallCycles,
  ),
  diagnosed(
    'flimd_camera_run_events_dropped',
    'Photon events lost inside the camera, in this or the last series.',
    ({ eventsDropped }) => eventsDropped,
  ),
  diagnosed(
    'flimd_camera_run_events_saturated',
    'Photon events that found their bin full, in this or the last series.',
    ({ eventsSaturated }) => eventsSaturated,
  ),
];
