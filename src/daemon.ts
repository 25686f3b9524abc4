import { fileURLToPath } from 'node:url';
import { parseSimOptions } from './camera-sim/options.js';
import type { Config } from './config/index.js';
import { loadNamedModel } from './lifetime/model-library.js';
import { parseCameraUri, watchForCamera } from './link/index.js';
import { exposition, ProcessWatch } from './metrics/index.js';
import { assembleRun } from './run/assemble-run.js';
import { openCamera } from './run/camera-connection.js';
import { CameraSupervisor } from './run/camera-supervisor.js';
import { createLog, startServer } from './server/index.js';
import { ServiceNotifier, statusLine } from './service/index.js';
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
  const run = await assembleRun(config, log, () => supervisor.diagnostics);
  const { acquisition, stream, controller, recorder, slowControl, status } = run;
  const supervisor: CameraSupervisor = new CameraSupervisor({
    open: () => openCamera(config.camera, acquisition),
    watch: (appeared) => watchForCamera(parseCameraUri(config.camera), appeared),
    controller,
    acquisition,
    reconnect: config.reconnect,
    autoStart: config.acquisition.autoStart,
    slowControl,
    log,
  });
  const processWatch = new ProcessWatch();
  const metrics = () =>
    exposition({ status: status(), totals: controller.totals, process: processWatch.figures });
  const service = ServiceNotifier.from({
    env: process.env,
    checkHealth: () => acquisition.ping(),
    status: () => statusLine(status()),
    log,
  });
  const close = async (): Promise<void> => {
    service?.stopping();
    const unsupervised = supervisor.close();
    processWatch.close();
    await run.end();
    service?.close();
    await acquisition.close();
    await unsupervised;
  };
  try {
    const controls = {
      status,
      metrics,
      model: () => status().model,
      arm: controller.arm.bind(controller),
      start: controller.start.bind(controller),
      stop: controller.stop.bind(controller),
      abort: controller.abort.bind(controller),
      disarm: controller.disarm.bind(controller),
      recording: recorder,
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
