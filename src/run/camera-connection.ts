import type { Acquisition } from '../acquisition/acquisition.js';
import { parseSimOptions } from '../camera-sim/options.js';
import { startSimThread } from '../camera-sim/sim-thread.js';
import { Camera } from '../camera/camera.js';
import { takeOver } from '../camera/take-over.js';
import {
  type CameraUri,
  findPcieDevice,
  findUsbCamera,
  type LinkTarget,
  parseCameraUri,
} from '../link/index.js';
import type { FlimdError } from '../protocol/errors.js';

/** A camera whose control and data channels are open. */
export interface CameraConnection {
  camera: Camera;
  close(): Promise<void>;
}

/** A place where a camera answers, and how to leave it. */
interface OpenTarget {
  target: LinkTarget;
  close(): Promise<void>;
}

/**
 * Opens the camera at an address: registers for this thread, data for the acquisition.
 * @throws FlimdError of the address, the link or the camera; nothing stays open then.
 */
export async function openCamera(
  uri: string,
  acquisition: Pick<Acquisition, 'connect' | 'on' | 'off'>,
): Promise<CameraConnection> {
  const { target, close } = await openTarget(uri);
  let camera: Camera | undefined;
  // A channel may break while the others are being opened, when nobody else listens yet.
  let loss: FlimdError | null = null;
  const onLost = (error: FlimdError): void => void (loss ??= error);
  try {
    camera = await Camera.open(target, { uri });
    camera.onLost = onLost;
    await acquisition.connect(target);
    acquisition.on('lost', onLost);
    if (target.kind === 'usb' || target.kind === 'pcie') await takeOver(camera);
    if (loss) throw loss;
    const opened = camera;
    return { camera: opened, close: async () => void (await opened.close().finally(close)) };
  } catch (error) {
    await camera?.close();
    await close();
    throw error;
  } finally {
    acquisition.off('lost', onLost);
  }
}

async function openTarget(text: string): Promise<OpenTarget> {
  const uri = parseCameraUri(text);
  if (uri.kind === 'sim') return startSimThread(parseSimOptions(uri.options));
  return { target: await findTarget(uri), close: async () => {} };
}

/** The device that the address means, of those that are there now. */
async function findTarget(uri: Exclude<CameraUri, { kind: 'sim' }>): Promise<LinkTarget> {
  if (uri.kind === 'pcie') return { kind: 'pcie', device: await findPcieDevice(uri) };
  return uri.kind === 'usb' ? findUsbCamera(uri) : uri;
}
