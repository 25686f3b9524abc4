import { createSceneSource } from '../../src/camera-sim/built-in-scene.js';
import type { FramePlanes } from '../../src/camera-sim/frame-planes.js';
import { FrameRenderer } from '../../src/camera-sim/frame-renderer.js';
import { KernelCore } from '../../src/camera-sim/lifetime-core.js';
import { defaultSimOptions } from '../../src/camera-sim/options.js';
import { type ExportOptions, exportRecording, type ExportResult } from '../../src/export/export.js';
import type { Progress } from '../../src/export/measurement.js';
import { planGates } from '../../src/lifetime/gate-plan.js';
import { fittingModel } from '../../src/lifetime/model-library.js';
import { createKernel } from '../../src/lifetime/native.js';
import type { RecordableFrame, RecordingHeader } from '../../src/recording/recording-layout.js';
import { bytesOf, endOf, madeHeader, openRecorder, type Shape } from '../recording/recording-fixture.js';

/** Neither square nor symmetric, so that an image that is turned or mirrored is another. */
export const cameraShape: Shape = { width: 24, height: 16, bins: 64 };
export const LASER_PERIOD_PS = 12_500;
export const BIN_WIDTH_PS = LASER_PERIOD_PS / cameraShape.bins;
export const TICK_HZ = 1e9;
/** The second frame is the first row short. */
export const PARTIAL_FRAME = 1;
const FRAME_TICKS = 100_000_000;
const EXPOSURE_TICKS = 99_000_000;
const FIRST_TICK = 2 ** 40;
const STARTED_AT = 1_760_000_000_000;

/** Records what the virtual camera measures and computes, with the recorder of the daemon. */
export async function recordCamera(
  file: string,
  frames: number,
  changes: Partial<RecordingHeader> = {},
): Promise<void> {
  const source = createSceneSource({ ...defaultSimOptions(), ...cameraShape, photons: 400, seed: 7 });
  const model = await fittingModel({ ...source, modelHash: null });
  const core = new KernelCore(model, createKernel(model.network, planGates(model.timing, source)));
  const renderer = new FrameRenderer(source, core, 0);
  const header = madeHeader(cameraShape, changes);
  const { binWidthPs, laserPeriodPs } = source;
  const camera = { ...header.camera, binWidthPs, laserPeriodPs, tickHz: TICK_HZ };
  const recorder = await openRecorder(file, { header: { ...header, camera }, queueBytes: 64 << 20 });
  for (let frame = 0; frame < frames; frame++) {
    renderer.begin(frame, core.minPhotons);
    renderer.rows(0, cameraShape.height);
    recorder.offer(frameOf(frame, renderer.planes));
  }
  const { error, framesRecorded } = await recorder.finish(endOf);
  if (error || framesRecorded !== frames) throw new Error(`not recorded: ${JSON.stringify(error)}`);
}

function frameOf(frame: number, planes: FramePlanes): RecordableFrame {
  const { width, bins } = cameraShape;
  const complete = frame !== PARTIAL_FRAME;
  /** Without its first row where it is not complete. */
  const whole = (plane: Uint16Array | Uint32Array, perPixel = 1): Uint8Array => {
    const values = plane.slice();
    if (!complete) values.fill(0, 0, width * perPixel);
    return bytesOf(values);
  };
  const startTicks = FIRST_TICK + frame * FRAME_TICKS;
  return {
    frame: 10 + frame,
    startTicks,
    endTicks: startTicks + EXPOSURE_TICKS,
    completedAt: STARTED_AT + frame * 100 + 99,
    complete,
    source: 'device',
    mismatchedPixels: null,
    rowsValid: complete ? null : new Uint8Array(cameraShape.height).fill(1).fill(0, 0, 1),
    planes: {
      meanLifetimeAmplitude: whole(planes.lifetimeAmplitude),
      meanLifetimeIntensity: whole(planes.lifetimeIntensity),
      standardErrorAmplitude: whole(planes.standardErrorAmplitude),
      standardErrorIntensity: whole(planes.standardErrorIntensity),
      photons: whole(planes.photons),
    },
    histograms: whole(planes.histograms, bins),
  };
}

export const noProgress: Progress = async () => {};

export function exportAs(
  file: string,
  format: ExportOptions['format'],
  changes: Partial<ExportOptions> = {},
  progress = noProgress,
): Promise<ExportResult> {
  const options: ExportOptions = {
    format,
    histograms: false,
    pixels: false,
    compress: false,
    pixelUm: null,
    frames: { from: null, end: null },
    sum: false,
    out: null,
    overwrite: false,
    channel: null,
    ...changes,
  };
  return exportRecording(file, options, progress);
}
