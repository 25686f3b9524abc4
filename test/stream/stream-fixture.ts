import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Packr, Unpackr } from 'msgpackr';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { loadConfig } from '../../src/config/index.js';
import type { DaemonStatus, ServerMessage } from '../../src/protocol/stream.js';
import { StreamServer, type StreamLimits } from '../../src/stream/index.js';
import { daemonStatus } from './sample-messages.js';

/** Default limits, and a status so rare that only those a test asks for are seen. */
export const quietLimits: StreamLimits = {
  ...loadConfig({ directory: '/' }).stream,
  statusIntervalMs: 60_000,
};

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false });

type MessageOf<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;

/** A WebSocket client that keeps everything it receives. */
export class TestClient {
  readonly messages: ServerMessage[] = [];
  readonly raw: Buffer[] = [];
  closed: { code: number; reason: string } | null = null;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (bytes: Buffer) => {
      this.raw.push(bytes);
      this.messages.push(unpackr.unpack(bytes) as ServerMessage);
    });
    socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }));
  }

  /** Connected and past its first message, so that the server knows it. */
  static async connect(url: string, options: { autoPong?: boolean } = {}): Promise<TestClient> {
    const socket = new WebSocket(url, 'flimd.v1', options);
    const client = new TestClient(socket);
    await once(socket, 'open');
    await client.until(() => client.messages.length > 0 || client.closed !== null);
    return client;
  }

  of<T extends ServerMessage['type']>(type: T): MessageOf<T>[] {
    return this.messages.filter((message): message is MessageOf<T> => message.type === type);
  }

  send(message: unknown): void {
    this.socket.send(packr.pack(message));
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  /** Resolves when everything sent to this client so far has been received: answers keep their order. */
  async settled(): Promise<void> {
    const clientTime = Math.random();
    this.send({ type: 'clock', clientTime });
    await this.until(() => this.of('clock').some((clock) => clock.clientTime === clientTime));
  }
}

/** A StreamServer behind a real HTTP server, and the server's ends of its connections. */
export class StreamFixture {
  readonly serverSockets: Socket[] = [];
  /** Messages of the log at level warn. */
  readonly warnings: string[] = [];
  readonly stream: StreamServer;
  readonly #http: Server;
  #clients: TestClient[] = [];

  private constructor(limits: StreamLimits, status: () => DaemonStatus, clock?: () => number) {
    const log = pino(
      { level: 'warn' },
      { write: (line: string) => void this.warnings.push((JSON.parse(line) as { msg: string }).msg) },
    );
    this.stream = new StreamServer({ limits, status, log, ...(clock && { clock }) });
    this.#http = createServer();
    this.#http.on('upgrade', (request, socket, head) => {
      this.serverSockets.push(socket as Socket);
      this.stream.handleUpgrade(request, socket, head);
    });
  }

  static async start(
    limits: Partial<StreamLimits> = {},
    status = daemonStatus,
    clock?: () => number,
  ): Promise<StreamFixture> {
    const fixture = new StreamFixture({ ...quietLimits, ...limits }, status, clock);
    fixture.#http.listen(0, '127.0.0.1');
    await once(fixture.#http, 'listening');
    return fixture;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}/`;
  }

  /** `query`: what follows `?` in the address. */
  async connect({
    query = '',
    ...options
  }: { autoPong?: boolean; query?: string } = {}): Promise<TestClient> {
    const client = await TestClient.connect(`${this.url}?${query}`, options);
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    this.#clients.forEach(({ socket }) => socket.terminate());
    await this.stream.close();
    this.#http.close();
    await once(this.#http, 'close');
  }
}
