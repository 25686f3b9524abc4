import { constants } from 'node:os';
import path from 'node:path';
import type { DeviceConnection, DevicePort } from '../device-port.js';
import { Refusal } from '../register-file.js';
import { FuseMount } from './fuse-mount.js';
import { FuseNodes } from './fuse-nodes.js';
import { InjectionNode } from './injection-node.js';
import { type DataSource, StreamNode } from './stream-node.js';
import { EventNode, RegisterNode, type WordSpace } from './word-nodes.js';

export interface XdmaOptions {
  /** As the driver's: how long a read of the stream waits for data, ms; 0 = for ever. */
  timeoutMs: number;
  /** Of the nodes. */
  permissions: number;
}

export const defaultXdmaOptions: XdmaOptions = { timeoutMs: 10_000, permissions: 0o600 };
const DEVICE_NAME = 'xdma0';

/**
 * Serves a virtual camera as the device nodes of AMD's XDMA driver, in a FUSE file system: xdma0_user, _control,
 * _c2h_0, _h2c_0 and _events_0, with the driver's rules. Only mmap is missing.
 */
export class XdmaServer {
  private constructor(
    private readonly mount: FuseMount,
    private readonly nodes: FuseNodes,
    private readonly stream: StreamNode,
  ) {}

  /** @throws FlimdError FLIMD_E_LINK_OPEN where FUSE cannot be used */
  static async mount(
    port: DevicePort,
    folder: string,
    changes: Partial<XdmaOptions> = {},
  ): Promise<XdmaServer> {
    const { timeoutMs, permissions } = { ...defaultXdmaOptions, ...changes };
    const injector = port.camera.openInjector();
    const stream = new StreamNode(`${DEVICE_NAME}_c2h_0`, dataSource(port), timeoutMs);
    const injection = new InjectionNode(`${DEVICE_NAME}_h2c_0`, injector, timeoutMs);
    const events = new EventNode(`${DEVICE_NAME}_events_0`);
    port.camera.onRoomToInject = () => injection.pump();
    port.camera.onInterrupt = () => events.raise();
    const all = [
      new RegisterNode(`${DEVICE_NAME}_user`, userWords(port)),
      new RegisterNode(`${DEVICE_NAME}_control`, controlWords),
      stream,
      injection,
      events,
    ];
    const { mount, answerer } = await FuseMount.create(folder, (to) => new FuseNodes(to, all, permissions));
    return new XdmaServer(mount, answerer, stream);
  }

  /** What the names of the nodes begin with. */
  get device(): string {
    return path.join(this.mount.folder, DEVICE_NAME);
  }

  /** The board is pulled out: waiting calls end with ENODEV, and the nodes are gone until `plug`. */
  unplug(): void {
    this.nodes.gone = true;
    this.nodes.failWaiting(constants.errno.ENODEV);
  }

  plug(): void {
    this.nodes.gone = false;
  }

  /** The read of the stream that waits, or else the next, fails with this errno. */
  failRead(error: number): void {
    this.stream.failRead(error);
  }

  async close(): Promise<void> {
    this.unplug();
    await this.mount.close();
    this.nodes.releaseAll();
  }
}

function dataSource(port: DevicePort): DataSource {
  let connection: DeviceConnection | null = null;
  return {
    attach(transport, cut) {
      connection = port.accept({
        send: () => {},
        transmit: (chunk, bytes, flushed) => transport.transmit(chunk, bytes, flushed),
        close: cut,
        cut,
      });
      try {
        connection.openData();
        return true;
      } catch (error) {
        if (error instanceof Refusal) return false;
        throw error;
      }
    },
    recycle: (chunk) => connection?.recycle(chunk),
    detach: () => connection?.closed(),
  };
}

const userWords = ({ camera }: DevicePort): WordSpace => ({
  read: (address) => camera.registers.read(address, 1)[0]!,
  write: (address, value) => camera.registers.write(address, Uint32Array.of(value)),
});

/** Of the DMA engine's own registers the channel identifiers, by which drivers know it (PG195). */
const identifiers = new Map([
  [0x0000, 0x1fc0_8006],
  [0x1000, 0x1fc1_8006],
]);
const controlWords: WordSpace = {
  read: (address) => identifiers.get(address) ?? 0,
  write: () => {},
};
