import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestLine } from '../../src/camera/slow-control/request-line.js';
import type { ChannelEvents } from '../../src/link/index.js';
import { FlimdError } from '../../src/protocol/errors.js';
import {
  encodeSlowControlFrame,
  type SlowControlFrame,
  SlowControlFrameReader,
} from '../../src/protocol/slow-control-frame.js';
import { SLOW_CONTROL_ANSWER, SlowControlOperation } from '../../src/protocol/slow-control.js';

const limits = { timeoutMs: 100, retries: 2 };

/** A camera that answers only when the test says so. */
class ScriptedLine {
  readonly asked: SlowControlFrame[] = [];
  readonly lost: FlimdError[] = [];
  events!: ChannelEvents;
  line!: RequestLine;
  private readonly reader = new SlowControlFrameReader((frame) =>
    this.asked.push({ ...frame, body: frame.body.slice() }),
  );

  static async open(): Promise<ScriptedLine> {
    const scripted = new ScriptedLine();
    const open = async (events: ChannelEvents) => {
      scripted.events = events;
      const send = (bytes: Uint8Array): void => scripted.reader.push(bytes);
      return { send, close: async () => {} };
    };
    scripted.line = await RequestLine.open('port', open, limits, (error) => scripted.lost.push(error));
    return scripted;
  }

  answer({ sequence, operation }: SlowControlFrame, ...body: number[]): void {
    const answer = { sequence, operation: operation | SLOW_CONTROL_ANSWER, body: Uint8Array.from(body) };
    this.events.onBytes(encodeSlowControlFrame(answer));
  }
}

const nothing = new Uint8Array();

describe('requests on a slow-control line', () => {
  let scripted: ScriptedLine;
  beforeEach(async () => {
    vi.useFakeTimers();
    scripted = await ScriptedLine.open();
  });
  afterEach(() => vi.useRealTimers());

  it('go one at a time, each with a sequence of its own', async () => {
    const { line, asked } = scripted;
    const first = line.ask('read', nothing);
    const second = line.ask('identify', nothing);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked.map(({ operation }) => operation)).toEqual([SlowControlOperation.read]);
    scripted.answer(asked[0]!, 0, 11);
    expect([...(await first)]).toEqual([0, 11]);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(2);
    expect(asked[1]!.sequence).not.toBe(asked[0]!.sequence);
    scripted.answer(asked[1]!, 0, 22);
    expect([...(await second)]).toEqual([0, 22]);
  });

  it('are sent again with the same sequence, and a late answer to the first is as good', async () => {
    const { line, asked } = scripted;
    const answer = line.ask('read', nothing);
    await vi.advanceTimersByTimeAsync(150);
    expect(asked.map(({ sequence }) => sequence)).toEqual([1, 1]);
    scripted.answer(asked[0]!, 0, 33);
    expect([...(await answer)]).toEqual([0, 33]);
    // The answer to the second comes too: to nobody.
    scripted.answer(asked[1]!, 0, 33);
    const next = line.ask('read', nothing);
    await vi.advanceTimersByTimeAsync(1);
    scripted.answer(asked[1]!, 0, 44);
    scripted.answer({ ...asked[2]!, operation: SlowControlOperation.write }, 0, 55);
    scripted.answer(asked[2]!, 0, 66);
    // Twice at once, as when the answers to both tries come together.
    scripted.answer(asked[2]!, 0, 66);
    expect([...(await next)]).toEqual([0, 66]);
    expect(line.counters).toMatchObject({ requests: 2, retries: 1, timeouts: 0, strayAnswers: 4 });
  });

  it('end with a typed error after the last try, and the next one is asked all the same', async () => {
    const { line, asked } = scripted;
    const silent = line.ask('read', nothing).catch((error: FlimdError) => error);
    await vi.advanceTimersByTimeAsync(301);
    expect(await silent).toMatchObject({ code: 'FLIMD_E_LINK_TIMEOUT' });
    const next = line.ask('read', nothing);
    await vi.advanceTimersByTimeAsync(1);
    scripted.answer(asked.at(-1)!, 0);
    expect([...(await next)]).toEqual([0]);
  });

  it('say when the camera speaks another version', async () => {
    const { line, asked } = scripted;
    const answer = line.ask('identify', nothing).catch((error: FlimdError) => error);
    await vi.advanceTimersByTimeAsync(1);
    const frame = { ...asked[0]!, operation: asked[0]!.operation | SLOW_CONTROL_ANSWER };
    scripted.events.onBytes(encodeSlowControlFrame(frame, 2));
    expect(await answer).toMatchObject({ code: 'FLIMD_E_NOT_A_CAMERA', details: { value: 2 } });
  });

  it('fail at once when the line breaks or is closed', async () => {
    const { line, events, lost } = scripted;
    const waiting = line.ask('read', nothing).catch((error: FlimdError) => error);
    await vi.advanceTimersByTimeAsync(1);
    events.onLost(new FlimdError('FLIMD_E_LINK_LOST', 'pulled'));
    expect(await waiting).toMatchObject({ message: 'pulled' });
    await expect(line.ask('read', nothing)).rejects.toMatchObject({ message: 'pulled' });
    expect(lost).toHaveLength(1);
    const other = await ScriptedLine.open();
    const closed = other.line.ask('read', nothing).catch((error: FlimdError) => error);
    await vi.advanceTimersByTimeAsync(1);
    await other.line.close();
    expect(await closed).toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
  });
});
