import type { Logger } from 'pino';
import type { Config } from '../config/index.js';
import { FlimdError } from '../protocol/errors.js';
import type { RecordingProgress } from '../protocol/stream.js';
import type { RecordingRequest } from '../server/index.js';
import { assembleRun, type RunParts } from './assemble-run.js';
import { openCamera } from './camera-connection.js';
import type { LastRun } from './run-ending.js';

/** How often it is looked whether the run has ended. */
const LOOK_MS = 100;
/** How often the camera is asked, in case its last packet was lost. */
const ASK_CAMERA_MS = 1000;

export interface SingleRunHooks {
  /** Ends the run in order. */
  signal: AbortSignal;
  onProgress(progress: RecordingProgress): void;
}

/**
 * Opens the configured camera, records one series and lets the camera go; without a server and without another try.
 * @throws FlimdError of the address, the link, the camera, the model or the recording; the run has not begun then
 */
export async function recordOneRun(
  config: Config,
  request: RecordingRequest,
  log: Logger,
  hooks: SingleRunHooks,
): Promise<LastRun> {
  const run = await assembleRun(config, log, () => null);
  try {
    await run.slowControl?.connect();
    await connect(config, run);
    await run.recorder.start(request);
    await run.controller.arm();
    await run.controller.start();
    return await untilEnded(run, hooks);
  } finally {
    await run.end().finally(() => run.acquisition.close());
    await run.stream.close();
  }
}

async function connect(config: Config, { acquisition, controller }: RunParts): Promise<void> {
  acquisition.on('lost', (error) => void controller.lost(error));
  controller.machine.do('initialize', 'connecting');
  const connection = await openCamera(config.camera, acquisition);
  connection.camera.onLost = (error) => void controller.lost(error);
  controller.connected(connection);
}

async function untilEnded({ controller, recorder }: RunParts, hooks: SingleRunHooks): Promise<LastRun> {
  let askedAt = performance.now();
  let stopping: Promise<void> | null = null;
  while (!controller.lastRun) {
    const { current } = recorder.status;
    if (current) hooks.onProgress(current);
    if (hooks.signal.aborted) stopping ??= controller.stop().catch(() => {});
    if (performance.now() - askedAt > ASK_CAMERA_MS) {
      askedAt = performance.now();
      // What goes wrong with the link is told by the link.
      const state = await controller.camera?.readState().catch(() => null);
      if (state?.state === 'idle') await controller.deviceFinished();
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  await stopping;
  return controller.lastRun;
}

/** Why a run that was recorded did not go well; null where it did. */
export function runFailure({ reason, cause, recording }: LastRun): FlimdError | null {
  if (recording?.error) {
    const { code, message, ...details } = recording.error;
    return new FlimdError(code, message, details);
  }
  if (reason === 'stopped' || reason === 'completed') return null;
  return new FlimdError(reason === 'linkLost' ? 'FLIMD_E_LINK_LOST' : 'FLIMD_E_DEVICE', cause ?? reason, {
    value: reason,
    expected: 'a run that is stopped, or complete',
    action: 'what arrived has been recorded; look at the camera',
  });
}
