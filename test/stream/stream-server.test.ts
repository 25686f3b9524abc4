import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { FlimdError } from '../../src/protocol/errors.js';
import type { DaemonStatus } from '../../src/protocol/stream.js';
import {
  daemonStatus,
  endMessage,
  frameMessage,
  frameWithErrors,
  startMessage,
  startWithErrors,
} from './sample-messages.js';
import { StreamFixture } from './stream-fixture.js';

let fixture: StreamFixture;
afterEach(() => fixture.close());

const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

describe('what clients receive', () => {
  it('sends start, frames and end as they are, planes byte for byte', async () => {
    fixture = await StreamFixture.start();
    const client = await fixture.connect();
    const frame = frameMessage(7, { partial: true });
    const expected = structuredClone(frame);
    fixture.stream.seriesStarted(startMessage());
    fixture.stream.publish(frame);
    // The pool slot is reused as soon as publish returns.
    for (const plane of Object.values(frame.planes)) plane.fill(0);
    fixture.stream.seriesEnded(endMessage());
    await client.settled();
    expect(client.of('start')).toEqual([startMessage()]);
    expect(client.of('end')).toEqual([endMessage()]);
    const [received] = client.of('frame');
    expect(received).toMatchObject({ ...expected, planes: {}, rowsValid: {} });
    for (const [name, plane] of Object.entries(expected.planes)) {
      expect(Buffer.compare(received!.planes[name]!, plane), name).toBe(0);
    }
    expect(Buffer.compare(received!.rowsValid!, expected.rowsValid!)).toBe(0);
    expect(received!.sentAt).toBeGreaterThan(expected.completedAt);
  });

  it('encodes a frame once, however many clients there are', async () => {
    fixture = await StreamFixture.start();
    const clients = await Promise.all(Array.from({ length: 8 }, () => fixture.connect()));
    for (let frame = 0; frame < 5; frame++) {
      fixture.stream.publish(frameMessage(frame));
      await Promise.all(clients.map((client) => client.settled()));
    }
    expect(fixture.stream.counts()).toEqual({
      clients: 8,
      framesEncoded: 5,
      framesSent: 40,
      framesSkipped: 0,
      bytesSent: clients.flatMap(({ raw }) => raw).reduce((sum, bytes) => sum + bytes.length, 0),
    });
    const frames = clients.map(({ raw, messages }) => raw.filter((_, i) => messages[i]!.type === 'frame'));
    for (const other of frames.slice(1))
      expect(Buffer.concat(other).equals(Buffer.concat(frames[0]!))).toBe(true);
  });

  it('sends each client the planes it asked for, and encodes a frame once for each choice', async () => {
    fixture = await StreamFixture.start();
    const queries = [
      '',
      'planes=photons,standardErrorIntensity,meanLifetimeIntensity',
      'token=x&planes=meanLifetimeIntensity,photons,standardErrorIntensity',
      'planes=standardErrorAmplitude',
    ];
    const clients = await Promise.all(queries.map((query) => fixture.connect({ query })));
    const frame = frameWithErrors(3);
    fixture.stream.seriesStarted(startWithErrors());
    fixture.stream.publish(frame);
    const late = await fixture.connect({ query: queries[3]! });
    await Promise.all([...clients, late].map((client) => client.settled()));
    const wanted = [
      ['meanLifetimeAmplitude', 'meanLifetimeIntensity', 'photons'],
      ['meanLifetimeIntensity', 'photons', 'standardErrorIntensity'],
      ['meanLifetimeIntensity', 'photons', 'standardErrorIntensity'],
      ['standardErrorAmplitude'],
    ];
    clients.forEach((client, i) => {
      expect(client.of('start')[0]!.planes.map(({ name }) => name)).toEqual(wanted[i]);
      const { planes } = client.of('frame')[0]!;
      expect(Object.keys(planes)).toEqual(wanted[i]);
      for (const name of wanted[i]!) expect(Buffer.compare(planes[name]!, frame.planes[name]!)).toBe(0);
    });
    expect(fixture.stream.counts()).toMatchObject({ framesEncoded: 3, framesSent: 4 });
    expect(late.of('start')[0]!.planes.map(({ name }) => name)).toEqual(wanted[3]);
  });

  it('leaves out planes that the series does not have', async () => {
    fixture = await StreamFixture.start();
    const client = await fixture.connect({ query: 'planes=standardErrorIntensity,photons' });
    fixture.stream.seriesStarted(startMessage());
    fixture.stream.publish(frameMessage(0));
    await client.settled();
    expect(client.of('start')[0]!.planes.map(({ name }) => name)).toEqual(['photons']);
    expect(Object.keys(client.of('frame')[0]!.planes)).toEqual(['photons']);
  });

  it.each(['lifetime', 'photons,', '', 'photons,photon'])('refuses the planes "%s"', async (planes) => {
    fixture = await StreamFixture.start();
    const client = await fixture.connect({ query: `planes=${planes}` });
    await client.until(() => client.closed !== null);
    expect(client.of('error')[0]!.error).toMatchObject({
      code: 'FLIMD_E_REQUEST',
      expected: expect.stringContaining('standardErrorIntensity'),
      action: expect.stringContaining('?planes='),
    });
    expect(client.closed).toEqual({ code: 1008, reason: 'FLIMD_E_REQUEST' });
    expect(fixture.stream.counts().clients).toBe(0);
  });

  it('encodes nothing while nobody watches', async () => {
    fixture = await StreamFixture.start();
    fixture.stream.publish(frameMessage(0));
    expect(fixture.stream.counts().framesEncoded).toBe(0);
  });

  it('replays the start of a running series to a late client, not that of a finished one', async () => {
    fixture = await StreamFixture.start();
    fixture.stream.seriesStarted(startMessage(3));
    fixture.stream.publish(frameMessage(0, { series: 3 }));
    const late = await fixture.connect();
    fixture.stream.publish(frameMessage(1, { series: 3 }));
    await late.settled();
    expect(late.messages.map(({ type }) => type)).toEqual(['start', 'status', 'frame', 'clock']);
    expect(late.of('frame')[0]!.frame).toBe(1);
    fixture.stream.seriesEnded(endMessage(3));
    const later = await fixture.connect();
    await later.settled();
    expect(later.messages.map(({ type }) => type)).toEqual(['status', 'clock']);
  });

  it('sends the status at its interval and whenever it changed', async () => {
    fixture = await StreamFixture.start({ statusIntervalMs: 10 });
    const client = await fixture.connect();
    await client.until(() => client.of('status').length >= 5);
    expect(client.of('status')[0]!.status).toEqual(daemonStatus());
    await fixture.close();
    fixture = await StreamFixture.start();
    const other = await fixture.connect();
    fixture.stream.statusChanged();
    await other.settled();
    expect(other.of('status').length).toBe(2);
  });

  it('sends an error in the status whatever its value is', async () => {
    const error = new FlimdError('FLIMD_E_DEVICE', 'no', {
      value: [1n, undefined, Symbol('x'), () => 1, NaN],
    });
    const status = (): DaemonStatus => ({
      ...daemonStatus(),
      state: { name: 'error', since: 1, cause: 'device', error: error.toJSON() },
    });
    fixture = await StreamFixture.start({}, status);
    const client = await fixture.connect();
    expect(client.of('status')[0]!.status.state.error).toEqual({
      code: 'FLIMD_E_DEVICE',
      message: 'no',
      value: [1, null, null, null, null],
    });
  });

  it('closes with 1001 and resolves when every client is gone, even one that does not read', async () => {
    fixture = await StreamFixture.start();
    const client = await fixture.connect();
    const deaf = await fixture.connect();
    deaf.socket.pause();
    await fixture.stream.close();
    await client.until(() => client.closed !== null);
    expect(client.closed).toEqual({ code: 1001, reason: 'the daemon is stopping' });
    expect(fixture.stream.counts().clients).toBe(0);
  });
});

describe('watching a pixel', () => {
  const decayAt = ({ x, y }: { x: number; y: number }) => Uint32Array.of(x, y, 70_000, 2 ** 32 - 1);

  it('sends its decay right after every frame, until told to stop', async () => {
    fixture = await StreamFixture.start();
    const client = await fixture.connect();
    const other = await fixture.connect();
    fixture.stream.seriesStarted(startMessage());
    client.send({ type: 'watch', x: 5, y: 127 });
    await client.settled();
    fixture.stream.publish(frameMessage(0), decayAt);
    fixture.stream.publish(frameMessage(1), () => null);
    fixture.stream.publish(frameMessage(2));
    fixture.stream.publish(frameMessage(3), decayAt);
    client.send({ type: 'watch', x: null, y: null });
    await client.settled();
    fixture.stream.publish(frameMessage(4), decayAt);
    await client.settled();
    await other.settled();

    const story = client.messages.flatMap((message) =>
      message.type === 'frame' || message.type === 'decay' ? [`${message.type} ${message.frame}`] : [],
    );
    expect(story).toEqual(['frame 0', 'decay 0', 'frame 1', 'frame 2', 'frame 3', 'decay 3', 'frame 4']);
    const { counts, ...decay } = client.of('decay')[0]!;
    expect(decay).toEqual({
      type: 'decay',
      series: 1,
      frame: 0,
      x: 5,
      y: 127,
      width: 1,
      height: 1,
      binWidthPs: 48.828,
      deconvolved: null,
      deconvolvedReason: 'the model package has no decoder',
    });
    expect(Buffer.compare(counts, new Uint8Array(decayAt({ x: 5, y: 127 }).buffer))).toBe(0);
    expect(other.of('decay')).toEqual([]);
  });

  it('asks once for a pixel that several clients watch', async () => {
    fixture = await StreamFixture.start({}, daemonStatus, () => 1000);
    const clients = await Promise.all([0, 1, 2].map(() => fixture.connect()));
    fixture.stream.seriesStarted(startMessage());
    clients.forEach((client, i) => client.send({ type: 'watch', x: i === 2 ? 9 : 1, y: 2 }));
    await Promise.all(clients.map((client) => client.settled()));
    const asked: string[] = [];
    fixture.stream.publish(frameMessage(0), ({ x, y }) => {
      asked.push(`${x},${y}`);
      return decayAt({ x, y });
    });
    await Promise.all(clients.map((client) => client.settled()));
    expect(asked.sort()).toEqual(['1,2', '9,2']);
    expect(clients.map((client) => client.of('decay')[0]!.x)).toEqual([1, 1, 9]);
  });

  it('sends the decay of a region with its deconvolution', async () => {
    fixture = await StreamFixture.start();
    const client = await fixture.connect();
    const decay = { startPs: 100, stepPs: 50, values: [0.9, 0.5], photons: 12 };
    const seen: number[][] = [];
    fixture.stream.seriesStarted({ ...startMessage(), deconvolvedReason: null }, (counts) => {
      seen.push([...counts]);
      return decay;
    });
    client.send({ type: 'watch', x: 96, y: 100, width: 32, height: 28 });
    await client.settled();
    fixture.stream.publish(frameMessage(0), ({ width, height }) => Uint32Array.of(width, height));
    fixture.stream.publish(frameMessage(1), () => Uint32Array.of(1, 1));
    await client.settled();
    const [first, second] = client.of('decay');
    const region = { x: 96, y: 100, width: 32, height: 28 };
    const deconvolved = { ...decay, frames: 1 };
    expect(first).toMatchObject({ frame: 0, ...region, deconvolved, deconvolvedReason: null });
    // Bounded work: the second frame comes too soon for another deconvolution, and carries the first again.
    expect(second).toMatchObject({ frame: 1, ...region, deconvolved });
    expect(seen).toEqual([[32, 28]]);
  });

  it('begins a new sum for a new region and a new series, without an extra deconvolution', async () => {
    let now = 1000;
    fixture = await StreamFixture.start({}, daemonStatus, () => now);
    const client = await fixture.connect();
    const seen: number[] = [];
    const begin = (series: number) =>
      fixture.stream.seriesStarted({ ...startMessage(series), deconvolvedReason: null }, ([photons]) => {
        seen.push(photons!);
        return { startPs: 100, stepPs: 50, values: [0.9], photons: photons! };
      });
    const newest = async (frame: number, at: number) => {
      now = at;
      fixture.stream.publish(frameMessage(frame), () => Uint32Array.of(10 + frame));
      await client.settled();
      return client.of('decay').at(-1)!.deconvolved;
    };
    const watch = async (x: number) => {
      client.send({ type: 'watch', x, y: 1 });
      await client.settled();
    };
    begin(1);
    await watch(1);
    expect(await newest(0, 1000)).toMatchObject({ frames: 1, photons: 10 });
    expect(await newest(1, 1250)).toMatchObject({ frames: 2, photons: 21 });
    await watch(2);
    expect(await newest(2, 1260)).toBe(null);
    await watch(3);
    expect(await newest(3, 1270)).toBe(null);
    expect(client.of('decay').at(-1)!.deconvolvedReason).toBe('it waits for its turn');
    await watch(4);
    expect(await newest(4, 1500)).toMatchObject({ frames: 1, photons: 14 });
    begin(2);
    expect(await newest(5, 1510)).toBe(null);
    begin(3);
    expect(await newest(6, 1750)).toMatchObject({ frames: 1, photons: 16 });
    expect(seen).toEqual([10, 21, 14, 16]);
  });

  it('deconvolves for one client after the other, not for all in one frame', async () => {
    let now = 1000;
    fixture = await StreamFixture.start({}, daemonStatus, () => now);
    const clients = await Promise.all([0, 1, 2].map(() => fixture.connect()));
    let made = 0;
    fixture.stream.seriesStarted({ ...startMessage(), deconvolvedReason: null }, () => {
      now += 1;
      made++;
      return 'too few';
    });
    clients.forEach((client, x) => client.send({ type: 'watch', x, y: 2 }));
    await Promise.all(clients.map((client) => client.settled()));
    for (let frame = 0; frame < 3; frame++, now += 20) {
      fixture.stream.publish(frameMessage(frame), decayAt);
      expect(made).toBe(frame + 1);
    }
    await Promise.all(clients.map((client) => client.settled()));
    const reasons = clients.map((client) => client.of('decay').at(-1)!.deconvolvedReason);
    expect(reasons).toEqual(['too few', 'too few', 'too few']);
  });

  it('sums regions for two milliseconds a frame, and goes round the clients', async () => {
    let now = 1000;
    fixture = await StreamFixture.start({}, daemonStatus, () => now);
    const clients = await Promise.all([0, 1, 2, 3].map(() => fixture.connect()));
    fixture.stream.seriesStarted(startMessage());
    clients.forEach((client, x) => client.send({ type: 'watch', x, y: 2 }));
    await Promise.all(clients.map((client) => client.settled()));
    for (let frame = 0; frame < 4; frame++) {
      fixture.stream.publish(frameMessage(frame), (region) => {
        now += 1;
        return decayAt(region);
      });
    }
    await Promise.all(clients.map((client) => client.settled()));
    expect(clients.map((client) => client.of('frame').length)).toEqual([4, 4, 4, 4]);
    // Two of the four in each frame.
    const framesOf = clients.map((client) => client.of('decay').map(({ frame }) => frame));
    expect(framesOf.map(({ length }) => length)).toEqual([2, 2, 2, 2]);
    expect(framesOf.flat().sort()).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  });

  it('refuses a pixel outside the frame, and ignores one that a smaller series does not have', async () => {
    fixture = await StreamFixture.start();
    const client = await fixture.connect();
    fixture.stream.seriesStarted(startMessage());
    client.send({ type: 'watch', x: 128, y: 0 });
    client.send({ type: 'watch', x: 120, y: 0, width: 9, height: 1 });
    client.send({ type: 'watch', x: 127, y: 0 });
    await client.settled();
    expect(client.of('error').map(({ error }) => error.message)).toEqual([
      'there is no pixel (128, 0)',
      'there is no pixel (128, 0)',
    ]);
    fixture.stream.seriesEnded(endMessage());
    fixture.stream.seriesStarted(startMessage(2, { width: 64, height: 64 }));
    fixture.stream.publish(frameMessage(0, { series: 2, width: 64, height: 64 }), decayAt);
    await client.settled();
    expect(client.of('frame').length).toBe(1);
    expect(client.of('decay')).toEqual([]);
  });
});

describe('the clock', () => {
  it('comes back with the time of the daemon', async () => {
    fixture = await StreamFixture.start();
    const client = await fixture.connect();
    const before = Date.now();
    client.send({ type: 'clock', clientTime: 12.5 });
    await client.until(() => client.of('clock').length > 0);
    const [clock] = client.of('clock');
    expect(clock!.clientTime).toBe(12.5);
    expect(clock!.serverTime).toBeGreaterThanOrEqual(before);
    expect(clock!.serverTime).toBeLessThanOrEqual(Date.now());
  });
});

describe('clients that misbehave', () => {
  it.each([
    ['text', 'hello'],
    ['not MessagePack', Buffer.from([0xc1, 0xc1])],
    ['cut short', Buffer.from([0x82, 0xa4])],
    ['empty', Buffer.alloc(0)],
    ['an array header of 4 billion', Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff])],
    ['deeply nested', Buffer.alloc(60_000, 0x91)],
    ['not a map', Buffer.from([0x05])],
    ['an unknown type', Buffer.from([0x81, 0xa4, 0x74, 0x79, 0x70, 0x65, 0xa1, 0x78])],
  ])('answers a message that is %s with a typed error and goes on', async (_, message) => {
    fixture = await StreamFixture.start();
    const client = await fixture.connect();
    client.socket.send(message);
    await client.settled();
    expect(client.of('error').map(({ error }) => error.code)).toEqual(['FLIMD_E_REQUEST']);
    expect(client.closed).toBeNull();
  });

  it.each([
    { type: 'watch', x: 1 },
    { type: 'watch', x: 1, y: null },
    { type: 'watch', x: -1, y: 0 },
    { type: 'watch', x: 0.5, y: 0 },
    { type: 'watch', x: 1, y: 1, z: 1 },
    { type: 'watch', x: 1, y: 1, width: 0 },
    { type: 'watch', x: 1, y: 1, width: 33, height: 32 },
    { type: 'watch', x: null, y: null, width: 2 },
    { type: 'clock', clientTime: 'now' },
    { type: 'clock', clientTime: NaN },
  ])('answers %j with a typed error', async (message) => {
    fixture = await StreamFixture.start();
    const client = await fixture.connect();
    client.send(message);
    await client.settled();
    const [{ error } = { error: null }] = client.of('error');
    expect(error).toMatchObject({ code: 'FLIMD_E_REQUEST', value: JSON.stringify(plain(message)) });
  });

  it('closes with 1009 on a message that is too long', async () => {
    fixture = await StreamFixture.start({ maxMessageBytes: 1000 });
    const client = await fixture.connect();
    client.socket.send(Buffer.alloc(1001));
    await client.until(() => client.closed !== null);
    expect(client.closed!.code).toBe(1009);
  });

  it.each(['messages', 'pings', 'pongs'])('closes with 1008 on a flood of %s', async (kind) => {
    fixture = await StreamFixture.start({ messagesPerSecond: 5 });
    const client = await fixture.connect();
    for (let i = 0; i < 20; i++) {
      if (kind === 'messages') client.send({ type: 'watch', x: null, y: null });
      else if (kind === 'pings') client.socket.ping();
      else client.socket.pong();
    }
    await client.until(() => client.closed !== null);
    expect(client.closed).toEqual({ code: 1008, reason: 'FLIMD_E_RATE_LIMIT' });
    expect(client.of('error').at(-1)!.error.code).toBe('FLIMD_E_RATE_LIMIT');
  });

  it('closes with 1008 on a client that asks without reading the answers', async () => {
    fixture = await StreamFixture.start({ messagesPerSecond: 1000 });
    const client = await fixture.connect();
    client.socket.pause();
    for (let frame = 0; frame < 300; frame++) fixture.stream.publish(frameMessage(frame));
    for (let i = 0; i < 17; i++) client.send({ type: 'clock', clientTime: i });
    expect(fixture.stream.counts().framesSkipped).toBeGreaterThan(0);
    await client.until(() => fixture.warnings.includes('disconnecting a stream client'));
    client.socket.resume();
    await client.until(() => client.closed !== null);
    expect(client.closed!.code).toBe(1008);
  });

  it('disconnects a client that does not answer pings', async () => {
    fixture = await StreamFixture.start({ heartbeatMs: 20 });
    const silent = await fixture.connect({ autoPong: false });
    await silent.until(() => silent.closed !== null);
    expect(silent.closed!.code).toBe(1006);
    expect(fixture.warnings).toEqual(['a stream client does not answer; disconnecting it']);
  });

  it('goes on pinging a client that answers', async () => {
    fixture = await StreamFixture.start({ heartbeatMs: 1000 });
    const client = await fixture.connect();
    // The second ping is sent only if the first was answered.
    for (let pings = 0; pings < 2; pings++) await once(client.socket, 'ping');
    expect(client.closed).toBeNull();
  });

  it('answers pings', async () => {
    fixture = await StreamFixture.start();
    const client = await fixture.connect();
    const pong = once(client.socket, 'pong');
    client.socket.ping('here');
    expect(String((await pong)[0])).toBe('here');
  });

  it('tells one client too many why it is refused', async () => {
    fixture = await StreamFixture.start({ maxClients: 1 });
    await fixture.connect();
    const refused = await fixture.connect();
    await refused.until(() => refused.closed !== null);
    expect(refused.of('error')[0]!.error).toMatchObject({ code: 'FLIMD_E_TOO_MANY_CLIENTS', value: 1 });
    expect(refused.closed).toEqual({ code: 1013, reason: 'FLIMD_E_TOO_MANY_CLIENTS' });
    expect(fixture.stream.counts().clients).toBe(1);
  });

  it.each([undefined, 'flimd.v2'])(
    'refuses the subprotocol %s with HTTP 400 and a typed error',
    async (protocol) => {
      fixture = await StreamFixture.start();
      const socket = new WebSocket(fixture.url, protocol);
      const [, response] = (await once(socket, 'unexpected-response')) as [
        unknown,
        NodeJS.ReadableStream & { statusCode: number },
      ];
      expect(response.statusCode).toBe(400);
      let body = '';
      for await (const chunk of response) body += String(chunk);
      expect((JSON.parse(body) as { error: unknown }).error).toMatchObject({
        code: 'FLIMD_E_REQUEST',
        expected: 'flimd.v1',
      });
    },
  );

  it('survives a client that vanishes in the middle of a frame', async () => {
    fixture = await StreamFixture.start();
    const client = await fixture.connect();
    const other = await fixture.connect();
    fixture.stream.publish(frameMessage(0, { width: 1024, height: 1024 }));
    client.socket.terminate();
    fixture.stream.publish(frameMessage(1));
    await other.settled();
    expect(other.of('frame').at(-1)!.frame).toBe(1);
    await other.until(() => fixture.stream.counts().clients === 1);
  });

  it('survives bytes that are no WebSocket frames', async () => {
    fixture = await StreamFixture.start();
    const { hostname, port } = new URL(fixture.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Protocol: flimd.v1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    await once(socket, 'data');
    socket.write(Buffer.alloc(1000, 0xff));
    socket.resume();
    await once(socket, 'close');
    const client = await fixture.connect();
    await client.settled();
    expect(fixture.stream.counts().clients).toBe(1);
  });
});
