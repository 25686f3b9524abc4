import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { USB_BULK_BYTES_PER_SECOND, type UsbSpeed } from '../../protocol/index.js';
import type { DevicePort } from '../device-port.js';
import { listenError } from '../sim-server.js';
import { CameraFunction } from './camera-function.js';
import { AttachedHost } from './attached-host.js';

export interface UsbIpOptions {
  host: string;
  /** 0 takes any free one. */
  tcpPort: number;
  speed: UsbSpeed;
  /** What the bus carries, bytes of bulk data a second: by default what one of this speed does. */
  bulkBytesPerSecond?: number;
}

const HANDSHAKE_TIMEOUT_MS = 5000;
const MAX_CONNECTIONS = 16;
/** A host that vanished without a word is noticed after this and the system's probes; the camera is free then. */
const KEEP_ALIVE_MS = 10_000;

/** Exports a virtual camera as a USB device: `usbip attach` on any Linux plugs it in there. */
export class UsbIpServer {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly port: DevicePort,
    private readonly speed: UsbSpeed,
    private readonly bulkBytesPerSecond: number,
  ) {}

  /** @throws FlimdError FLIMD_E_PORT_IN_USE, FLIMD_E_LINK_OPEN */
  static async listen(port: DevicePort, options: UsbIpOptions): Promise<UsbIpServer> {
    const { host, tcpPort, speed, bulkBytesPerSecond = USB_BULK_BYTES_PER_SECOND[speed] } = options;
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
    const usbIp = new UsbIpServer(server, port, speed, bulkBytesPerSecond);
    server.maxConnections = MAX_CONNECTIONS;
    server.on('connection', (socket) => usbIp.serve(socket));
    server.listen(tcpPort, host);
    await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
      throw listenError(error, host, tcpPort);
    });
    return usbIp;
  }

  get address(): AddressInfo {
    return this.server.address() as AddressInfo;
  }

  /** Pulls the cable of every attached host; the camera can be attached again. */
  unplug(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.unplug();
    await closed;
  }

  private serve(socket: Socket): void {
    const host = new AttachedHost(socket, this.speed, (pullOut) => {
      return new CameraFunction(this.port, this.speed, this.bulkBytesPerSecond, pullOut);
    });
    this.sockets.add(socket);
    socket.setTimeout(HANDSHAKE_TIMEOUT_MS, () => {
      if (!host.attached) socket.destroy();
    });
    socket.on('data', (bytes) => host.receive(bytes));
    // 'close' always follows and does the work; without a listener the error would end the process.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.sockets.delete(socket);
      host.gone();
    });
  }
}
