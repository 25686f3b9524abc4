import { constants } from 'node:fs';
import { FlimdError } from '../protocol/errors.js';
import { CANCELED, DeviceFile } from './device-file.js';
import type { InjectionChannel, PcieTarget } from './link.js';
import { isDriverTimeout, nodeLostError, nodeOpenError } from './pcie-errors.js';

/** Where there is one buffer, frames go one after another. */
interface OpenNode {
  file: DeviceFile;
  frameBytes: number;
}

/**
 * The streaming channel to the camera. A frame is one write: the engine marks its last beat, and so the end of the
 * frame. The node is opened with the first frame, whose size its buffer has.
 */
export async function openPcieInjection({ device }: PcieTarget): Promise<InjectionChannel> {
  const path = `${device}_h2c_0`;
  let node: OpenNode | null = null;
  let tail: Promise<unknown> = Promise.resolve();
  let closed = false;
  const send = async (frame: Uint8Array): Promise<void> => {
    if (closed) throw nodeLostError(path, CANCELED);
    if (node?.frameBytes !== frame.length) {
      await node?.file.close();
      node = null;
      node = { file: await openNode(path, frame.length), frameBytes: frame.length };
    }
    node.file.buffers[0]!.set(frame);
    const result = await node.file.write(0, frame.length, 0);
    if (result !== frame.length) throw writeError(path, result, frame.length);
  };
  return {
    write(frame) {
      const sent = tail.then(() => send(frame));
      tail = sent.catch(() => {});
      return sent;
    },
    async close() {
      closed = true;
      await node?.file.close();
      // A frame under way may have been about to open the node.
      await tail;
      await node?.file.close();
    },
  };
}

async function openNode(path: string, bufferBytes: number): Promise<DeviceFile> {
  const file = new DeviceFile({ path, flags: constants.O_WRONLY, buffers: 1, bufferBytes });
  const result = await file.open();
  if (result === 0) return file;
  await file.close();
  throw nodeOpenError(path, result);
}

function writeError(path: string, result: number, frameBytes: number): FlimdError {
  if (result < 0 && !isDriverTimeout(result)) return nodeLostError(path, result);
  return new FlimdError('FLIMD_E_LINK_TIMEOUT', 'the camera did not take the whole injected frame', {
    value: result < 0 ? 'nothing' : `${result} bytes`,
    expected: `${frameBytes} bytes`,
    action: 'arm the camera with histogramSource "injected" and start it before frames are injected',
  });
}
