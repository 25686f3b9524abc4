import type { Logger } from 'pino';
import { Acquisition } from '../acquisition/acquisition.js';
import type { Config } from '../config/index.js';
import type { Diagnostics } from '../camera/diagnostics.js';
import type { DaemonStatus } from '../protocol/stream.js';
import { StreamServer } from '../stream/index.js';
import { daemonStatus } from './daemon-status.js';
import { guardSlowControl } from './guard-slow-control.js';
import { RunController } from './run-controller.js';
import { planRun } from './run-plan.js';
import { RunRecorder } from './run-recorder.js';

/** What runs a camera, and shows and records what it sends; the camera itself is opened by others. */
export interface RunParts {
  acquisition: Acquisition;
  stream: StreamServer;
  controller: RunController;
  recorder: RunRecorder;
  slowControl: ReturnType<typeof guardSlowControl>;
  status(): DaemonStatus;
  /** Ends a run in order, takes the bias down where that is configured, and lets the camera go. */
  end(): Promise<void>;
}

/** @param diagnostics what went wrong in the camera, as last read */
export async function assembleRun(
  config: Config,
  log: Logger,
  diagnostics: () => Diagnostics | null,
): Promise<RunParts> {
  const { poolSlots, maxOpenFrames, frameTimeoutMs, drainTimeoutMs, frameLimit } = config.acquisition;
  const acquisition = await Acquisition.start({ poolSlots, maxOpenFrames, frameTimeoutMs, drainTimeoutMs });
  let telemetry: Uint32Array | null = null;
  acquisition.on('telemetry', (words) => (telemetry = words));

  const stream: StreamServer = new StreamServer({ limits: config.stream, status: () => status(), log });
  const changed = (): void => stream.statusChanged();
  const recorder = new RunRecorder({ config, changed, log });
  const controller = new RunController({
    acquisition,
    stream,
    recorder,
    log,
    plan: async (camera, options) => {
      const plan = await planRun(config, camera, options);
      await recorder.checkRun(plan.expect);
      // Last: the bias does not go up for a run that cannot be.
      await slowControl?.prepareRun(camera);
      return plan;
    },
    frameLimit,
    stopTimeoutMs: drainTimeoutMs,
  });
  const slowControl: ReturnType<typeof guardSlowControl> = guardSlowControl(config, {
    isRunning: () => controller.isRunning,
    failRun: (error) => controller.fail(error),
    changed,
    log,
  });
  const status = (): DaemonStatus =>
    daemonStatus({
      config,
      controller,
      stream,
      telemetry: () => telemetry,
      diagnostics,
      slowControl: () => slowControl?.status ?? null,
      recorder,
    });
  // When the run has ended the sensor may go dark, and it must, whatever else fails.
  const end = (): Promise<void> => controller.close().finally(() => slowControl?.close());
  return { acquisition, stream, controller, recorder, slowControl, status, end };
}
