import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Packr, Unpackr } from 'msgpackr';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { FlimdClient, type ConnectOptions, type LifetimeFrame } from '../../src/client/index.js';
import type { ClientMessage, StreamPlane } from '../../src/protocol/stream.js';
import { frameMessage, frameWithErrors, startMessage, startWithErrors } from '../stream/sample-messages.js';
import { StreamFixture } from '../stream/stream-fixture.js';

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false });
const size = { width: 16, height: 8 };
const frameOf = (frame: number) => frameMessage(frame, size);

/** A daemon's end of the stream, without the daemon: says what a test wants, and can go and come back. */
class BareServer {
  readonly received: ClientMessage[] = [];
  #server: WebSocketServer | null = null;
  #port = 0;

  async listen(): Promise<string> {
    this.#server = new WebSocketServer({ host: '127.0.0.1', port: this.#port });
    this.#server.on('connection', (socket) =>
      socket.on('message', (bytes: Buffer) => this.received.push(unpackr.unpack(bytes) as ClientMessage)),
    );
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    return `http://127.0.0.1:${this.#port}`;
  }

  get clients(): number {
    return this.#server!.clients.size;
  }

  say(...messages: unknown[]): void {
    for (const socket of this.#server!.clients) for (const each of messages) socket.send(packr.pack(each));
  }

  sayBytes(bytes: Uint8Array): void {
    for (const socket of this.#server!.clients) socket.send(bytes);
  }

  async vanish(): Promise<void> {
    const server = this.#server!;
    this.#server = null;
    for (const socket of server.clients) socket.terminate();
    server.close();
    await once(server, 'close');
  }
}

let client: FlimdClient;

function connect(url: string, options: Partial<ConnectOptions> = {}): FlimdClient {
  client = FlimdClient.connect({
    url,
    webSocket: WebSocket,
    reconnectInitialMs: 10,
    reconnectMaxMs: 20,
    ...options,
  });
  return client;
}

const opened = async (): Promise<void> => {
  while (client.connection.name !== 'open') await client.once('connection');
};

afterEach(() => client.close());

describe('with the daemon’s stream server', () => {
  let server: StreamFixture;
  beforeEach(async () => {
    server = await StreamFixture.start();
  });
  afterEach(() => server.close());

  it('gets start, frames with typed planes, and a watched pixel’s decay', async () => {
    server.stream.seriesStarted(startMessage(1, size));
    connect(server.url);
    const start = await client.once('start');
    expect(start.uid).toBe('uid-1');

    client.watch({ x: 3, y: 2 });
    // The answer to a clock question shows that the watch before it has been read.
    await client.once('clock');
    const frames: LifetimeFrame[] = [];
    client.on('frame', (frame) => frames.push(frame));
    const decay = client.once('decay');
    server.stream.publish(frameOf(5), ({ x, y }) => Uint32Array.of(x, y, 70_000));

    expect(await decay).toMatchObject({ frame: 5, x: 3, y: 2, counts: Uint32Array.of(3, 2, 70_000) });
    const [{ planes, frame }] = frames as [LifetimeFrame];
    expect(frame).toBe(5);
    expect(planes.photons).toEqual(new Uint32Array(frameOf(5).planes.photons!.slice().buffer));
    expect(planes.meanLifetimeIntensity).toBeInstanceOf(Uint16Array);
  });

  it('gets the planes it asks for', async () => {
    server.stream.seriesStarted(startWithErrors(1, size));
    connect(server.url, { planes: ['standardErrorIntensity', 'meanLifetimeIntensity'], token: 'a&b' });
    const start = await client.once('start');
    expect(start.planes.map(({ name }) => name)).toEqual(['meanLifetimeIntensity', 'standardErrorIntensity']);
    const next = client.once('frame');
    server.stream.publish(frameWithErrors(5, size));
    const { planes } = await next;
    expect(Object.keys(planes)).toEqual(['meanLifetimeIntensity', 'standardErrorIntensity']);
    expect(Array.from(planes.standardErrorIntensity!.subarray(0, 3))).toEqual([1, 6, 11]);
  });

  it('hears that there is no such plane', async () => {
    connect(server.url, { planes: ['lifetime' as StreamPlane] });
    expect(await client.once('error')).toMatchObject({
      code: 'FLIMD_E_REQUEST',
      details: { value: 'lifetime' },
    });
  });

  it('is in no hurry to come back after it was refused', async () => {
    connect(server.url, {
      planes: ['lifetime' as StreamPlane],
      reconnectMaxMs: 60_000,
      random: () => 1,
    });
    for (;;) {
      const state = await client.once('connection');
      if (state.name !== 'waiting') continue;
      expect(state.retryAt - Date.now()).toBeGreaterThan(55_000);
      return;
    }
  });

  it('watches what lies in a region, whatever else its object holds', async () => {
    server.stream.seriesStarted(startMessage(1, size));
    connect(server.url);
    await client.once('start');
    const errors: string[] = [];
    client.on('error', ({ code }) => errors.push(code));
    const selection = { x: 3, y: 2, width: 4, height: 1, colour: 'red', type: 'clock' };
    client.watch(selection);
    await client.once('clock');
    const decay = client.once('decay');
    server.stream.publish(frameOf(0), () => Uint32Array.of(1));
    expect(await decay).toMatchObject({ x: 3, y: 2, width: 4, height: 1 });
    expect(errors).toEqual([]);
  });

  it('finds the clock of a daemon on the same machine', async () => {
    connect(server.url);
    await client.once('clock');
    expect(Math.abs(client.clock!.offsetMs)).toBeLessThanOrEqual(client.clock!.roundTripMs / 2 + 2);
  });

  it('hears the daemon’s errors', async () => {
    server.stream.seriesStarted(startMessage(1, size));
    connect(server.url);
    await client.once('start');
    client.watch({ x: 99, y: 0 });
    expect(await client.once('error')).toMatchObject({
      code: 'FLIMD_E_REQUEST',
      details: { expected: 'x below 16 and y below 8' },
    });
  });
});

describe('when things go wrong', () => {
  const server = new BareServer();
  let url: string;
  beforeEach(async () => {
    url = await server.listen();
    server.received.length = 0;
  });
  afterEach(() => server.vanish());

  it('reports what it cannot understand and goes on', async () => {
    connect(url);
    await opened();
    const codes: string[] = [];
    client.on('error', ({ code }) => codes.push(code));
    const frame = client.once('frame');
    server.sayBytes(Uint8Array.of(0xc1, 0xff, 0x00));
    server.say({ type: 'frame' }, { type: 'surprise' }, { ...frameOf(1), sentAt: 0 });
    server.say(startMessage(1, size), { ...frameOf(2), sentAt: 0, width: 17 }, { ...frameOf(3), sentAt: 0 });
    expect((await frame).frame).toBe(3);
    // Bytes, a frame without fields, an unknown type, a frame before its start, a frame of the wrong size.
    expect(codes).toEqual(Array(5).fill('FLIMD_E_REQUEST'));
  });

  it('takes no frame of another series for one of the present', async () => {
    connect(url);
    await opened();
    const error = client.once('error');
    server.say(startMessage(2, size), { ...frameOf(1), sentAt: 0 });
    expect((await error).message).toContain('without the start of its series');
  });

  it('comes back after the daemon was away, and watches its pixel again', async () => {
    connect(url);
    await opened();
    client.watch({ x: 1, y: 1 });
    const states: string[] = [];
    client.on('connection', ({ name }) => states.push(name));
    await server.vanish();
    while (states.filter((name) => name === 'waiting').length < 2) await client.once('connection');
    server.received.length = 0;
    await server.listen();
    await opened();
    await expect.poll(() => server.received).toContainEqual({ type: 'watch', x: 1, y: 1 });
    expect(states.slice(0, 2)).toEqual(['waiting', 'connecting']);
  });

  it('gives up a connection that says nothing', async () => {
    connect(url, { silenceMs: 60 });
    await opened();
    const { name } = await client.once('connection');
    expect(name).toBe('waiting');
  });

  it('leaves the daemon when closed', async () => {
    connect(url);
    await opened();
    client.close();
    await expect.poll(() => server.clients).toBe(0);
    expect(client.connection.name).toBe('closed');
  });
});

it('asks for one plane at least', () => {
  const begin = () => FlimdClient.connect({ url: 'http://127.0.0.1:1', webSocket: WebSocket, planes: [] });
  expect(begin).toThrow(expect.objectContaining({ code: 'FLIMD_E_REQUEST' }));
});

it('says what to do where the runtime has no WebSocket', () => {
  const url = 'http://127.0.0.1:1';
  const { WebSocket: native } = globalThis as { WebSocket?: unknown };
  Reflect.deleteProperty(globalThis, 'WebSocket');
  try {
    expect(() => FlimdClient.connect({ url })).toThrow(expect.objectContaining({ code: 'FLIMD_E_CONFIG' }));
  } finally {
    if (native !== undefined) Object.assign(globalThis, { WebSocket: native });
  }
});
