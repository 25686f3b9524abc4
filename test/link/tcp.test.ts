import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openControlChannel, openDataChannel, type TcpTarget } from '../../src/link/index.js';
import type { FlimdError } from '../../src/protocol/errors.js';
import { Random } from '../../src/random/random.js';
import { randomBytes } from '../support/packets.js';
import { CollectingSink } from './collecting-sink.js';

const greeting = new TextEncoder().encode('hello');
let server: Server;
let sockets: Socket[];
let target: TcpTarget;

beforeEach(async () => {
  sockets = [];
  server = createServer((socket) => sockets.push(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  target = { kind: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port };
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

async function deviceSide(): Promise<Socket> {
  await vi.waitUntil(() => sockets.length > 0);
  return sockets[0]!;
}

async function received(socket: Socket, bytes: number): Promise<Buffer> {
  const runs: Buffer[] = [];
  for await (const run of socket.iterator({ destroyOnReturn: false })) {
    runs.push(run as Buffer);
    if (Buffer.concat(runs).length >= bytes) break;
  }
  return Buffer.concat(runs);
}

const unexpected = (error: FlimdError): never => {
  throw error;
};

describe('TCP control channel', () => {
  it('sends the greeting first, then requests, and brings the answers', async () => {
    const heard: Buffer[] = [];
    const channel = await openControlChannel(target, greeting, {
      onBytes: (bytes) => heard.push(Buffer.from(bytes)),
      onLost: unexpected,
    });
    channel.send(new TextEncoder().encode(' world'));
    const socket = await deviceSide();
    expect((await received(socket, 11)).toString()).toBe('hello world');
    socket.write('answer');
    await vi.waitUntil(() => Buffer.concat(heard).length === 6);
    expect(Buffer.concat(heard).toString()).toBe('answer');
    await channel.close();
  });

  it('does not call its own end a loss', async () => {
    const onLost = vi.fn();
    const channel = await openControlChannel(target, greeting, { onBytes: () => {}, onLost });
    const socket = await deviceSide();
    const closed = once(socket.resume(), 'close');
    await channel.close();
    await closed;
    expect(onLost).not.toHaveBeenCalled();
    channel.send(greeting);
  });

  it.each(['end', 'reset'] as const)('reports once that the camera has gone (%s)', async (how) => {
    const onLost = vi.fn();
    await openControlChannel(target, greeting, { onBytes: () => {}, onLost });
    const socket = await deviceSide();
    if (how === 'end') socket.end();
    else socket.resetAndDestroy();
    await vi.waitUntil(() => onLost.mock.calls.length > 0);
    expect(onLost).toHaveBeenCalledTimes(1);
    expect(onLost.mock.calls[0]![0]).toMatchObject({
      code: 'FLIMD_E_LINK_LOST',
      details: { value: `tcp:127.0.0.1:${target.port}` },
    });
  });
});

describe('TCP data channel', () => {
  it('puts every byte into the sink, in order, whatever its room', async () => {
    const sent = randomBytes(new Random(5), 700_001);
    const sink = new CollectingSink(1 + 65_537);
    const channel = await openDataChannel(target, greeting, sink, unexpected);
    const socket = await deviceSide();
    expect((await received(socket, 5)).toString()).toBe('hello');
    socket.write(sent);
    expect((await sink.has(sent.length)).equals(sent)).toBe(true);
    await channel.close();
  });

  it('has delivered what came before the loss', async () => {
    const onLost = vi.fn();
    const sink = new CollectingSink();
    await openDataChannel(target, greeting, sink, onLost);
    (await deviceSide()).end('last words');
    await vi.waitUntil(() => onLost.mock.calls.length > 0);
    expect(sink.bytes.toString()).toBe('last words');
    expect(onLost.mock.calls[0]![0]).toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
  });
});

describe('a TCP connection that does not come about', () => {
  const events = { onBytes: () => {}, onLost: unexpected };

  it('refused: says what should be running', async () => {
    server.close();
    await expect(openControlChannel(target, greeting, events)).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_OPEN',
      details: {
        value: `tcp:127.0.0.1:${target.port}`,
        action: expect.stringContaining(`flimd sim --listen tcp:127.0.0.1:${target.port}`),
      },
    });
  });

  it('unknown host', async () => {
    const unknown: TcpTarget = { kind: 'tcp', host: 'no-such-camera.invalid', port: 1 };
    await expect(openDataChannel(unknown, greeting, new CollectingSink(), unexpected)).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_OPEN',
      message: expect.stringContaining('no-such-camera.invalid'),
    });
  });

  it('no answer in time', async () => {
    const silent: TcpTarget = { kind: 'tcp', host: '192.0.2.1', port: 9870 };
    const error = await openControlChannel(silent, greeting, events, { connectTimeoutMs: 50 }).catch(
      (e) => e,
    );
    // Without a route to the documentation network the system says so at once; both are right.
    expect(['FLIMD_E_LINK_TIMEOUT', 'FLIMD_E_LINK_OPEN']).toContain(error.code);
    expect(error.details.value).toBe('tcp:192.0.2.1:9870');
  });

  it('writes an IPv6 address with brackets', async () => {
    const { port } = target;
    server.close();
    await expect(
      openControlChannel({ kind: 'tcp', host: '::1', port }, greeting, events),
    ).rejects.toMatchObject({ details: { value: `tcp:[::1]:${port}` } });
  });
});
