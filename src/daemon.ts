import { fileURLToPath } from 'node:url';
import { Acquisition } from './acquisition/acquisition.js';
import { parseSimOptions } from './camera-sim/options.js';
import type { Config } from './config/index.js';
import { loadNamedModel } from './lifetime/model-library.js';
import { parseCameraUri, watchForCamera } from './link/index.js';
import { openCamera } from './run/camera-connection.js';
import { CameraSupervisor } from './run/camera-supervisor.js';
import { daemonStatus } from './run/daemon-status.js';
import { RunController } from './run/run-controller.js';
import { planRun } from './run/run-plan.js';
import { guardSlowControl } from './run/guard-slow-control.js';
import { createLog, startServer } from './server/index.js';
import { ServiceNotifier, statusLine } from './service/index.js';
import { StreamServer } from './stream/index.js';
import { version } from './version.js';

export interface Daemon {
  /** Where a browser finds it. */
  url: string;
  /** Ends a run in order, says goodbye to clients, and lets the camera go. */
  close(): Promise<void>;
}

const viewerDir = fileURLToPath(new URL('../dist/viewer', import.meta.url));

/**
 * Puts the parts together and starts them: config → parts → lifecycle. The only place that knows all of them.
 * @throws FlimdError of the address, the model, the port, or a virtual camera that cannot be made
 */
export async function startDaemon(config: Config): Promise<Daemon> {
  checkCameraUri(config.camera);
  if (config.lifetime.model) await loadNamedModel(config.lifetime.model);
  const log = createLog(config.log);
  const { poolSlots, maxOpenFrames, frameTimeoutMs, drainTimeoutMs, frameLimit, autoStart } =
    config.acquisition;
  const acquisition = await Acquisition.start({ poolSlots, maxOpenFrames, frameTimeoutMs, drainTimeoutMs });
  let telemetry: Uint32Array | null = null;
  acquisition.on('telemetry', (words) => (telemetry = words));

  const stream: StreamServer = new StreamServer({ limits: config.stream, status: () => status(), log });
  const controller = new RunController({
    acquisition,
    stream,
    log,
    plan: async (camera, options) => {
      const plan = await planRun(config, camera, options);
      // Last: the bias does not go up for a run that cannot be.
      await slowControl?.prepareRun(camera);
      return plan;
    },
    frameLimit,
    stopTimeoutMs: drainTimeoutMs,
  });
  const slowControl: ReturnType<typeof guardSlowControl> = guardSlowControl(config, {
    isRunning: () => controller.run !== null,
    failRun: (error) => controller.fail(error),
    changed: () => stream.statusChanged(),
    log,
  });
  const supervisor = new CameraSupervisor({
    open: () => openCamera(config.camera, acquisition),
    watch: (appeared) => watchForCamera(parseCameraUri(config.camera), appeared),
    controller,
    acquisition,
    reconnect: config.reconnect,
    autoStart,
    log,
  });
  const status = () =>
    daemonStatus({
      config,
      controller,
      stream,
      telemetry: () => telemetry,
      diagnostics: () => supervisor.diagnostics,
      slowControl: () => slowControl?.status ?? null,
    });
  const service = ServiceNotifier.from({
    env: process.env,
    checkHealth: () => acquisition.ping(),
    status: () => statusLine(status()),
    log,
  });

  const close = async (): Promise<void> => {
    service?.stopping();
    supervisor.close();
    // When the run has ended the sensor may go dark, and it must, whatever else fails.
    await controller.close().finally(() => slowControl?.close());
    service?.close();
    await acquisition.close();
  };
  try {
    const controls = {
      status,
      model: () => status().model,
      arm: controller.arm.bind(controller),
      start: controller.start.bind(controller),
      stop: controller.stop.bind(controller),
      abort: controller.abort.bind(controller),
      disarm: controller.disarm.bind(controller),
      slowControl,
    };
    const server = await startServer({ config, controller: controls, stream, log, viewerDir, version });
    await slowControl?.connect();
    await supervisor.connect().catch(async (error) => {
      await server.close();
      throw error;
    });
    log.info({ url: server.url, camera: config.camera }, 'flimd is ready');
    service?.ready();
    return { url: server.url, close: async () => void (await close().finally(() => server.close())) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Says at once what is wrong with an address, instead of trying it again and again. */
function checkCameraUri(text: string): void {
  const uri = parseCameraUri(text);
  if (uri.kind === 'sim') parseSimOptions(uri.options);
}
