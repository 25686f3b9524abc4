import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { FlimdError } from '../protocol/index.js';
import { DevicePort, type DeviceConnection, type Wire } from './device-port.js';
import type { FaultLedger } from './faults.js';

const GREETING_TIMEOUT_MS = 5000;
const MAX_CONNECTIONS = 16;
/** A host that vanished without a word is noticed after this and the system's probes; its channels are free then. */
const KEEP_ALIVE_MS = 10_000;

/** Serves a virtual camera over TCP: one port, control and data told apart by the first packet. */
export class SimServer {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly port: DevicePort,
  ) {}

  /** Listens; `tcpPort` 0 takes any free port. FLIMD_E_PORT_IN_USE, FLIMD_E_LINK_OPEN. */
  static async listen(port: DevicePort, host: string, tcpPort: number): Promise<SimServer> {
    const server = createServer({
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    });
    const simServer = new SimServer(server, port);
    server.maxConnections = MAX_CONNECTIONS;
    server.on('connection', (socket) => simServer.serve(socket));
    server.listen(tcpPort, host);
    await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
      throw listenError(error, host, tcpPort);
    });
    return simServer;
  }

  get address(): AddressInfo {
    return this.server.address() as AddressInfo;
  }

  /** What faults the present or last data connection had; null on a sound link. */
  get faultLedger(): FaultLedger | null {
    return this.port.faultLedger;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    const connection: DeviceConnection = this.port.accept(
      new SocketWire(socket, (chunk) => connection.recycle(chunk)),
    );
    socket.setTimeout(GREETING_TIMEOUT_MS, () => {
      if (!connection.attached) socket.destroy();
    });
    socket.on('data', (bytes) => connection.receive(bytes));
    // 'close' always follows and does the work; without a listener the error would end the process.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.sockets.delete(socket);
      connection.closed();
    });
  }
}

class SocketWire implements Wire {
  constructor(
    private readonly socket: Socket,
    private readonly recycle: (chunk: ArrayBuffer) => void,
  ) {}

  send(packet: Uint8Array): void {
    if (this.socket.writable) this.socket.write(packet);
  }

  transmit(chunk: ArrayBuffer, bytes: number): void {
    // The callback comes too when the socket breaks, then with an error.
    this.socket.write(new Uint8Array(chunk, 0, bytes), () => this.recycle(chunk));
  }

  close(): void {
    this.socket.end();
    this.socket.resume();
  }

  cut(): void {
    this.socket.destroy();
  }
}

/** Why a virtual camera cannot listen. */
export function listenError(error: NodeJS.ErrnoException, host: string, port: number): FlimdError {
  if (error.code === 'EADDRINUSE') {
    return new FlimdError('FLIMD_E_PORT_IN_USE', `another program listens on ${host}:${port}`, {
      value: port,
      action: 'stop that program or choose another port with --listen',
    });
  }
  return new FlimdError('FLIMD_E_LINK_OPEN', `cannot listen on ${host}:${port}: ${error.message}`, {
    value: `${host}:${port}`,
    expected: 'an address of this machine and a free port',
  });
}
