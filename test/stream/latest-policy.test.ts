import { afterEach, describe, expect, it } from 'vitest';
import { endMessage, frameMessage, startMessage } from './sample-messages.js';
import { quietLimits, StreamFixture, type TestClient } from './stream-fixture.js';

let fixture: StreamFixture;
afterEach(() => fixture.close());

/** Enough frames of 128 KiB to fill the kernel's buffers and everything above them. */
const FRAMES = 300;
const FRAME_BYTES = 128 * 128 * 8;

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function publishAll(first: number, count: number, follower?: TestClient): Promise<number> {
  let highestUnsent = 0;
  for (let frame = first; frame < first + count; frame++) {
    fixture.stream.publish(frameMessage(frame));
    highestUnsent = Math.max(highestUnsent, ...fixture.serverSockets.map((socket) => socket.writableLength));
    await turn();
    if (follower) await follower.until(() => follower.of('frame').at(-1)?.frame === frame);
  }
  return highestUnsent;
}

const numbers = (client: TestClient) => client.of('frame').map(({ frame }) => frame);

describe('policy latest', () => {
  it('gives a slow client the newest frames in order, and counts exactly what it skips', async () => {
    fixture = await StreamFixture.start();
    const slow = await fixture.connect();
    fixture.stream.seriesStarted(startMessage());
    slow.socket.pause();
    const highestUnsent = await publishAll(0, FRAMES);
    slow.socket.resume();
    await slow.settled();

    const seen = numbers(slow);
    expect(seen.length).toBeLessThan(FRAMES);
    expect(seen.at(-1)).toBe(FRAMES - 1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(new Set(seen).size).toBe(seen.length);

    const { framesEncoded, framesSent, framesSkipped } = fixture.stream.counts();
    expect({ framesEncoded, framesSent }).toEqual({ framesEncoded: FRAMES, framesSent: seen.length });
    expect(framesSent + framesSkipped).toBe(FRAMES);
    // What is unsent stays below the high-water mark and the one frame that crossed it.
    expect(highestUnsent).toBeGreaterThan(quietLimits.highWaterBytes);
    expect(highestUnsent).toBeLessThan(quietLimits.highWaterBytes + 2 * FRAME_BYTES);
  });

  it('pauses above the high-water mark and resumes only at the low one', async () => {
    // Far above what the kernel takes at once, so that a queue shrinks in many steps.
    const highWaterBytes = 2 ** 24;
    fixture = await StreamFixture.start({ highWaterBytes });
    const slow = await fixture.connect();
    const [socket] = fixture.serverSockets;
    const unsentBefore: number[] = [];
    const write = socket!.write.bind(socket) as (...args: unknown[]) => boolean;
    socket!.write = (...args: unknown[]): boolean => {
      if ((args[0] as Buffer).length > FRAME_BYTES) unsentBefore.push(socket!.writableLength);
      return write(...args);
    };
    slow.socket.pause();
    await publishAll(0, FRAMES);
    const sentBeforePause = unsentBefore.length;
    expect(sentBeforePause).toBeLessThan(FRAMES);
    expect(unsentBefore.at(-1)! + FRAME_BYTES).toBeGreaterThan(highWaterBytes);
    // From here on it reads one message at a time, until it is found worth another frame.
    slow.socket.on('message', () => slow.socket.pause());
    while (unsentBefore.length === sentBeforePause) {
      const read = slow.messages.length;
      slow.socket.resume();
      await slow.until(() => slow.messages.length > read);
    }
    const headerBytes = 10;
    expect(unsentBefore.at(-1)).toBeLessThanOrEqual(quietLimits.lowWaterBytes + headerBytes);
  });

  it('tells the client its own skips, and lets it go on without any once it keeps up', async () => {
    fixture = await StreamFixture.start();
    const slow = await fixture.connect();
    slow.socket.pause();
    await publishAll(0, FRAMES);
    slow.socket.resume();
    await slow.settled();
    const skipped = FRAMES - numbers(slow).length;
    await publishAll(FRAMES, 20, slow);
    fixture.stream.statusChanged();
    await slow.settled();
    expect(slow.of('status').at(-1)!.client).toEqual({
      framesSent: FRAMES + 20 - skipped,
      framesSkipped: skipped,
      policy: 'latest',
    });
    expect(numbers(slow).slice(-20)).toEqual(Array.from({ length: 20 }, (_, i) => FRAMES + i));
  });

  it('does not let a slow client touch the others', async () => {
    fixture = await StreamFixture.start();
    const slow = await fixture.connect();
    const quick = await fixture.connect();
    slow.socket.pause();
    await publishAll(0, FRAMES, quick);
    expect(numbers(quick)).toEqual(Array.from({ length: FRAMES }, (_, i) => i));
    fixture.stream.statusChanged();
    await quick.settled();
    expect(quick.of('status').at(-1)!.client.framesSkipped).toBe(0);
    expect(fixture.stream.counts().framesSkipped).toBeGreaterThan(0);
  });

  it('keeps start and end of the newest series for a client that slept through several', async () => {
    fixture = await StreamFixture.start();
    const slow = await fixture.connect();
    fixture.stream.seriesStarted(startMessage(1));
    slow.socket.pause();
    await publishAll(0, FRAMES);
    fixture.stream.seriesEnded(endMessage(1));
    for (const series of [2, 3, 4]) {
      fixture.stream.seriesStarted(startMessage(series));
      fixture.stream.publish(frameMessage(0, { series }));
      fixture.stream.publish(frameMessage(1, { series }));
      fixture.stream.seriesEnded(endMessage(series));
    }
    slow.socket.resume();
    await slow.settled();
    const story = slow.messages
      .filter(({ type }) => type === 'start' || type === 'end' || type === 'frame')
      .map((message) => `${message.type} ${'series' in message ? message.series : ''}`);
    expect(story[0]).toBe('start 1');
    expect(story.slice(story.indexOf('end 1'))).toEqual(['end 1', 'start 4', 'frame 4', 'end 4']);
    expect(slow.of('frame').at(-1)).toMatchObject({ series: 4, frame: 1 });
    const { framesSent, framesSkipped } = fixture.stream.counts();
    expect(framesSent + framesSkipped).toBe(FRAMES + 6);
  });

  it('disconnects a client that stays too far behind, and counts its last frame as skipped', async () => {
    fixture = await StreamFixture.start({ stuckMs: 30, statusIntervalMs: 10 });
    const stuck = await fixture.connect();
    stuck.socket.pause();
    // In one go, so that no frame falls into the time after its dismissal.
    for (let frame = 0; frame < FRAMES; frame++) fixture.stream.publish(frameMessage(frame));
    await stuck.until(() => fixture.warnings.includes('disconnecting a stream client'));
    stuck.socket.resume();
    await stuck.until(() => stuck.closed !== null);
    expect(stuck.closed).toEqual({ code: 1013, reason: 'FLIMD_E_SLOW_CLIENT' });
    expect(stuck.of('error').at(-1)!.error).toMatchObject({ code: 'FLIMD_E_SLOW_CLIENT' });
    const { framesSent, framesSkipped } = fixture.stream.counts();
    expect(framesSent + framesSkipped).toBe(FRAMES);
  });

  it('leaves a paused client alone that is not far behind', async () => {
    fixture = await StreamFixture.start({ stuckMs: 10, statusIntervalMs: 10, stuckBytes: 2 ** 30 });
    const slow = await fixture.connect();
    const quick = await fixture.connect();
    slow.socket.pause();
    await publishAll(0, FRAMES);
    const statuses = quick.of('status').length;
    await quick.until(() => quick.of('status').length >= statuses + 5);
    slow.socket.resume();
    await slow.settled();
    expect(numbers(slow).at(-1)).toBe(FRAMES - 1);
  });

  it('keeps one status for a client that does not read, not one per interval', async () => {
    fixture = await StreamFixture.start();
    const slow = await fixture.connect();
    slow.socket.pause();
    await publishAll(0, FRAMES);
    for (let i = 0; i < 1000; i++) fixture.stream.statusChanged();
    slow.socket.resume();
    await slow.settled();
    expect(slow.of('status').length).toBe(2);
    expect(slow.of('status').at(-1)!.client.framesSkipped).toBe(FRAMES - numbers(slow).length);
  });
});
