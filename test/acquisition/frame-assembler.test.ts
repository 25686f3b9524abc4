import { describe, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import { PacketType } from '../../src/protocol/packet.js';
import {
  AssemblerFixture,
  geometry,
  histogramRows,
  lifetimeRows,
  planeRows,
  type SeenFrame,
  SERIES,
  TIMEOUT_MS,
} from './assembler-fixture.js';

const { height, width, bins } = geometry;
const allRows = Array.from({ length: height }, (_, row) => row);
const both = { lifetimes: true, standardErrors: false, histograms: true };
const lifetimesOnly = { lifetimes: true, standardErrors: false, histograms: false };

/** Valid rows hold what was sent, the others are zero; whatever the slot held before. */
function expectRows(seen: SeenFrame, valid: readonly number[], frame = seen.frame): void {
  expect(seen.rowsValid).toEqual(allRows.map((row) => (valid.includes(row) ? 1 : 0)));
  const rowBytes = width * bins * 2;
  const expected = Buffer.alloc(seen.histograms.length);
  if (expected.length > 0)
    for (const row of valid) expected.set(histogramRows(frame, row, 1), row * rowBytes);
  expect(Buffer.from(seen.histograms).equals(expected)).toBe(true);
}

function expectLifetimes(seen: SeenFrame, valid: readonly number[], frame = seen.frame): void {
  seen.lifetimes.forEach((plane, i) => {
    const rowBytes = plane.length / height;
    const expected = Buffer.alloc(plane.length);
    for (const row of valid) expected.set(planeRows(frame, i, row, 1), row * rowBytes);
    expect(Buffer.from(plane).equals(expected)).toBe(true);
  });
}

describe('a complete frame', () => {
  it.each([1, 2, 3, 8])('is published once, with every row in its place, %i rows a packet', (perPacket) => {
    const fixture = new AssemblerFixture();
    for (let row = 0; row < height; row += perPacket) {
      fixture.histograms(0, row, Math.min(perPacket, height - row));
    }
    expect(fixture.seen).toHaveLength(0);
    fixture.end(0, { startTicks: 100, endTicks: 2 ** 40 });
    expect(fixture.seen).toHaveLength(1);
    expect(fixture.seen[0]).toMatchObject({
      series: SERIES,
      frame: 0,
      complete: true,
      hasHistograms: true,
      hasLifetimes: false,
      startTicks: 100,
      endTicks: 2 ** 40,
    });
    expectRows(fixture.seen[0]!, allRows);
    expect(fixture.counters).toMatchObject({ framesPublished: 1, framesPartial: 0, framesRejected: 0 });
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('whose rows come in any order (seed %i)', (seed) => {
    const random = new Random(seed);
    const fixture = new AssemblerFixture();
    const order = [...allRows].sort(() => random.uniform() - 0.5);
    const endAt = random.below(height);
    order.forEach((row, i) => {
      if (i === endAt) fixture.end(0);
      fixture.histograms(0, row, 1);
    });
    expect(fixture.seen).toHaveLength(1);
    expect(fixture.seen[0]!.complete).toBe(true);
    expectRows(fixture.seen[0]!, allRows);
  });

  it('whose end comes first', () => {
    const fixture = new AssemblerFixture();
    fixture.end(0, { startTicks: 7, endTicks: 9 });
    for (const row of allRows) {
      expect(fixture.seen).toHaveLength(0);
      fixture.histograms(0, row, 1, { deviceTicks: 5000 });
    }
    expect(fixture.seen[0]).toMatchObject({ complete: true, startTicks: 7, endTicks: 9 });
  });

  it('with rows sent twice, under sequence numbers of their own', () => {
    const fixture = new AssemblerFixture();
    for (const row of [0, 0, 1, 2, 3, 3, 3, 4, 5, 6]) fixture.histograms(0, row, 1);
    fixture.histograms(0, 2, 4);
    expect(fixture.seen).toHaveLength(0);
    fixture.end(0);
    expect(fixture.seen).toHaveLength(0);
    fixture.histograms(0, 6, 2);
    expect(fixture.seen).toHaveLength(1);
    expectRows(fixture.seen[0]!, allRows);
  });

  it('in packets that overlap', () => {
    const fixture = new AssemblerFixture();
    fixture.histograms(0, 0, 5);
    fixture.histograms(0, 3, 5);
    fixture.end(0);
    expectRows(fixture.seen[0]!, allRows);
  });

  it('whose end is lost is complete all the same, with the ticks of its packets', () => {
    const fixture = new AssemblerFixture();
    allRows.forEach((row) => fixture.histograms(0, row, 1, { deviceTicks: 1000 - row }));
    fixture.pass(TIMEOUT_MS);
    expect(fixture.seen[0]).toMatchObject({ complete: true, startTicks: 993, endTicks: 1000 });
    expect(fixture.counters).toMatchObject({ framesTimedOut: 1, framesPartial: 0, framesPublished: 1 });
  });

  it('has its number beyond 32 bits when the device has counted around', () => {
    const fixture = new AssemblerFixture();
    for (const frame of [0, 2 ** 30, 2 ** 31, 3 * 2 ** 30, 2 ** 32 - 1]) fixture.wholeFrame(frame);
    fixture.wholeFrame(0);
    expect(fixture.frameNumbers).toEqual([0, 2 ** 30, 2 ** 31, 3 * 2 ** 30, 2 ** 32 - 1, 2 ** 32]);
  });
});

describe('lifetimes', () => {
  it('come plane by plane within a packet', () => {
    const fixture = new AssemblerFixture({ expect: lifetimesOnly });
    fixture.lifetimes(0, 0, 3);
    fixture.lifetimes(0, 3, 5);
    fixture.end(0);
    expect(fixture.seen[0]).toMatchObject({ complete: true, hasLifetimes: true, hasHistograms: false });
    expectLifetimes(fixture.seen[0]!, allRows);
    expect(fixture.seen[0]!.histograms).toHaveLength(0);
  });

  it.each([
    [1, 6],
    [2, 5],
    [4, 3],
    [6, 1],
  ])('may be split into packets of planes %i and %i', (first, second) => {
    const fixture = new AssemblerFixture({ expect: lifetimesOnly });
    const send = (planes: number): void => {
      const fields = { type: PacketType.lifetimes, planes, frame: 0, firstRow: 0, rowCount: height };
      fixture.send(fields, lifetimeRows(0, 0, height, planes));
    };
    send(first);
    fixture.end(0);
    expect(fixture.seen).toHaveLength(0);
    send(second);
    expect(fixture.seen[0]!.complete).toBe(true);
    expectLifetimes(fixture.seen[0]!, allRows);
  });

  it.each([
    [31, 0],
    [7, 24],
    [24, 7],
    [8, 23],
    [20, 11],
  ])('bring standard errors along where they are expected, planes %i and %i', (first, second) => {
    const fixture = new AssemblerFixture({ expect: { ...both, standardErrors: true } });
    fixture.histograms(0, 0, height);
    fixture.end(0);
    for (const planes of [first, second].filter((mask) => mask !== 0)) {
      expect(fixture.seen).toHaveLength(0);
      fixture.lifetimes(0, 0, height, { planes });
    }
    expect(fixture.seen[0]!.complete).toBe(true);
    expect(fixture.seen[0]!.lifetimes).toHaveLength(5);
    expectLifetimes(fixture.seen[0]!, allRows);
  });

  it('without the standard errors that are expected leave the row invalid, and nothing in it', () => {
    const fixture = new AssemblerFixture({ expect: { ...lifetimesOnly, standardErrors: true } });
    fixture.lifetimes(0, 0, 5, { planes: 31 });
    fixture.lifetimes(0, 5, 3, { planes: 7 });
    fixture.end(0);
    fixture.pass(TIMEOUT_MS);
    expect(fixture.seen[0]!.complete).toBe(false);
    expectLifetimes(fixture.seen[0]!, [0, 1, 2, 3, 4]);
  });

  it('and histograms are both needed where both are expected', () => {
    const fixture = new AssemblerFixture({ expect: both });
    fixture.histograms(0, 0, height);
    fixture.lifetimes(0, 0, 7);
    fixture.end(0);
    expect(fixture.seen).toHaveLength(0);
    fixture.lifetimes(0, 7, 1);
    expect(fixture.seen[0]).toMatchObject({ complete: true, hasLifetimes: true, hasHistograms: true });
    expectRows(fixture.seen[0]!, allRows);
    expectLifetimes(fixture.seen[0]!, allRows);
  });

  it('and histograms: a row is valid only where both arrived, and shows neither where one is missing', () => {
    const fixture = new AssemblerFixture({ expect: both });
    fixture.histograms(0, 0, 6);
    fixture.lifetimes(0, 2, 6);
    fixture.pass(TIMEOUT_MS);
    expect(fixture.seen[0]).toMatchObject({ complete: false, hasLifetimes: true, hasHistograms: true });
    expectRows(fixture.seen[0]!, [2, 3, 4, 5]);
    expectLifetimes(fixture.seen[0]!, [2, 3, 4, 5]);
  });

  it('and histograms interleaved row by row', () => {
    const fixture = new AssemblerFixture({ expect: both });
    for (const row of allRows) {
      fixture.lifetimes(0, height - 1 - row, 1);
      fixture.histograms(0, row, 1);
    }
    fixture.end(0);
    expectRows(fixture.seen[0]!, allRows);
    expectLifetimes(fixture.seen[0]!, allRows);
  });

  it('without histograms: a frame of which one kind came not at all has no valid row', () => {
    const fixture = new AssemblerFixture({ expect: both });
    fixture.lifetimes(0, 0, height);
    fixture.end(0);
    fixture.pass(TIMEOUT_MS);
    expect(fixture.seen).toHaveLength(0);
    expect(fixture.counters).toMatchObject({ framesRejected: 1, framesPublished: 0 });
  });
});

describe('a partial frame', () => {
  it.each(allRows)('without row %i', (missing) => {
    const fixture = new AssemblerFixture();
    for (const row of allRows.filter((each) => each !== missing)) fixture.histograms(0, row, 1);
    fixture.end(0, { startTicks: 3, endTicks: 4 });
    fixture.pass(TIMEOUT_MS);
    expect(fixture.seen[0]).toMatchObject({ complete: false, startTicks: 3, endTicks: 4 });
    expectRows(
      fixture.seen[0]!,
      allRows.filter((each) => each !== missing),
    );
    expect(fixture.counters).toMatchObject({ framesPublished: 1, framesPartial: 1, framesTimedOut: 1 });
  });

  it('waits its whole time-out, counted from its last packet', () => {
    const fixture = new AssemblerFixture();
    fixture.histograms(0, 0, 1);
    fixture.pass(TIMEOUT_MS - 1);
    fixture.histograms(0, 1, 1);
    fixture.pass(TIMEOUT_MS - 1);
    expect(fixture.seen).toHaveLength(0);
    fixture.pass(1);
    expect(fixture.seen).toHaveLength(1);
    expectRows(fixture.seen[0]!, [0, 1]);
  });

  it('does not time out because of packets of another frame, nor keeps that one alive', () => {
    const fixture = new AssemblerFixture();
    fixture.histograms(0, 0, 1);
    fixture.pass(TIMEOUT_MS - 1);
    fixture.histograms(1, 0, 1);
    fixture.pass(1);
    expect(fixture.frameNumbers).toEqual([0]);
    fixture.pass(TIMEOUT_MS - 2);
    expect(fixture.frameNumbers).toEqual([0]);
    fixture.pass(1);
    expect(fixture.frameNumbers).toEqual([0, 1]);
  });

  it('is closed when a frame begins that is maxOpenFrames newer, not before', () => {
    const fixture = new AssemblerFixture({ maxOpenFrames: 3 });
    fixture.histograms(10, 0, 1);
    fixture.histograms(11, 0, 1);
    fixture.histograms(12, 0, 1);
    expect(fixture.seen).toHaveLength(0);
    fixture.histograms(13, 0, 1);
    expect(fixture.frameNumbers).toEqual([10]);
    expect(fixture.counters).toMatchObject({ framesPartial: 1, framesTimedOut: 0 });
    fixture.histograms(20, 0, 1);
    expect(fixture.frameNumbers).toEqual([10, 11, 12, 13]);
  });

  it('is closed by newer frames that are already complete, too', () => {
    const fixture = new AssemblerFixture({ maxOpenFrames: 2 });
    fixture.histograms(0, 0, 4);
    fixture.wholeFrame(1);
    expect(fixture.frameNumbers).toEqual([1]);
    fixture.wholeFrame(2);
    expect(fixture.frameNumbers).toEqual([1, 0, 2]);
    expectRows(fixture.seen[1]!, [0, 1, 2, 3]);
  });

  it('is delivered at the end of the series, oldest first', () => {
    const fixture = new AssemblerFixture();
    fixture.histograms(2, 0, 1);
    fixture.histograms(1, 5, 2);
    fixture.histograms(3, 0, 8);
    fixture.assembler.finish();
    expect(fixture.frameNumbers).toEqual([1, 2, 3]);
    expect(fixture.seen.map(({ complete }) => complete)).toEqual([false, false, true]);
    expectRows(fixture.seen[0]!, [5, 6]);
    expect(fixture.pool.inUse).toBe(0);
  });

  it('without any row is given up, and its slot is free again', () => {
    const fixture = new AssemblerFixture({ poolSlots: 1 });
    fixture.end(0);
    expect(fixture.pool.inUse).toBe(1);
    fixture.pass(TIMEOUT_MS);
    expect(fixture.seen).toHaveLength(0);
    expect(fixture.counters).toMatchObject({ framesRejected: 1, framesDropped: 0, framesTimedOut: 1 });
    expect(fixture.pool.inUse).toBe(0);
    fixture.wholeFrame(1);
    expect(fixture.frameNumbers).toEqual([1]);
  });

  it('shows nothing of the frame that had the slot before', () => {
    const fixture = new AssemblerFixture({ expect: both, poolSlots: 1 });
    fixture.histograms(0, 0, height);
    fixture.lifetimes(0, 0, height);
    fixture.end(0);
    fixture.histograms(1, 4, 1);
    fixture.lifetimes(1, 4, 1);
    fixture.pass(TIMEOUT_MS);
    expectRows(fixture.seen[1]!, [4]);
    expectLifetimes(fixture.seen[1]!, [4]);
  });
});

describe('several frames at once', () => {
  it('interleaved row by row both come out whole', () => {
    const fixture = new AssemblerFixture();
    for (const row of allRows) {
      fixture.histograms(0, row, 1);
      fixture.histograms(1, height - 1 - row, 1);
    }
    fixture.end(1);
    fixture.end(0);
    expect(fixture.frameNumbers).toEqual([1, 0]);
    expectRows(fixture.seen[0]!, allRows);
    expectRows(fixture.seen[1]!, allRows);
  });

  it.each([1, 2, 3, 4, 5, 6])('shuffled over all that may be open (seed %i)', (seed) => {
    const fixture = new AssemblerFixture({ maxOpenFrames: 4 });
    const random = new Random(seed, 77);
    const sends = [0, 1, 2, 3].flatMap((frame) => [
      ...allRows.map((row) => () => fixture.histograms(frame, row, 1)),
      () => fixture.end(frame),
    ]);
    sends.sort(() => random.uniform() - 0.5).forEach((send) => send());
    expect([...fixture.frameNumbers].sort()).toEqual([0, 1, 2, 3]);
    for (const seen of fixture.seen) expectRows(seen, allRows);
    expect(fixture.counters.packetsLate).toBe(0);
  });

  it('a frame that begins after a newer one is assembled while it is young enough', () => {
    const fixture = new AssemblerFixture({ maxOpenFrames: 2 });
    fixture.wholeFrame(5);
    fixture.wholeFrame(4);
    expect(fixture.frameNumbers).toEqual([5, 4]);
    expectRows(fixture.seen[1]!, allRows);
  });

  it('a frame that begins too late is given up with all its packets', () => {
    const fixture = new AssemblerFixture({ maxOpenFrames: 2 });
    fixture.wholeFrame(5);
    fixture.wholeFrame(3);
    expect(fixture.frameNumbers).toEqual([5]);
    expect(fixture.counters).toMatchObject({ framesRejected: 1, framesDropped: 0, packetsLate: 5 });
    expect(fixture.assembler.frames.seen).toBe(2);
  });
});

describe('late packets', () => {
  it('of a complete frame are counted and change nothing', () => {
    const fixture = new AssemblerFixture({ hold: true });
    fixture.wholeFrame(0);
    const before = fixture.pool.slots[fixture.seen[0]!.slot]!.histograms.slice();
    fixture.histograms(0, 3, 1, { deviceTicks: 99 });
    fixture.end(0);
    expect(fixture.counters.packetsLate).toBe(2);
    expect(fixture.seen).toHaveLength(1);
    expect(fixture.pool.slots[fixture.seen[0]!.slot]!.histograms).toEqual(before);
  });

  it('of a frame delivered in part are not added to it', () => {
    const fixture = new AssemblerFixture({ hold: true });
    fixture.histograms(0, 0, 4);
    fixture.pass(TIMEOUT_MS);
    fixture.histograms(0, 4, 4);
    fixture.end(0);
    expect(fixture.counters).toMatchObject({ packetsLate: 2, framesPublished: 1, framesPartial: 1 });
    expect([...fixture.pool.slots[fixture.seen[0]!.slot]!.rowsValid]).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
  });

  it('of a frame that was given up are counted, too', () => {
    const fixture = new AssemblerFixture();
    fixture.end(0);
    fixture.pass(TIMEOUT_MS);
    fixture.histograms(0, 0, 8);
    expect(fixture.counters).toMatchObject({ packetsLate: 1, framesRejected: 1, framesPublished: 0 });
  });
});

describe('packets that do not fit the frame', () => {
  const bad: [string, (fixture: AssemblerFixture) => void][] = [
    ['rows beyond the last', (f) => f.histograms(0, height - 1, 1, { firstRow: height })],
    ['a run of rows that ends beyond the last', (f) => f.histograms(0, 6, 2, { firstRow: 7 })],
    ['the highest row number there is', (f) => f.histograms(0, 0, 1, { firstRow: 0xffff })],
    ['no rows', (f) => f.histograms(0, 0, 0)],
    ['fewer bytes than rows', (f) => f.histograms(0, 0, 1, { rowCount: 2 })],
    ['more bytes than rows', (f) => f.histograms(0, 0, 2, { rowCount: 1 })],
    ['lifetimes in a run of histograms', (f) => f.lifetimes(0, 0, 1)],
    [
      'an endOfFrame of wrong length',
      (f) => f.send({ type: PacketType.endOfFrame, frame: 0 }, new Uint8Array(20)),
    ],
  ];

  it.each(bad)('%s: counted as invalid, nothing is written', (_, send) => {
    const fixture = new AssemblerFixture();
    send(fixture);
    expect(fixture.counters.packetsInvalid).toBe(1);
    fixture.assembler.finish();
    expect(fixture.seen).toHaveLength(0);
    expect(fixture.counters.framesRejected).toBe(1);
  });

  it.each(bad)('%s: the rest of the frame is assembled', (_, send) => {
    const fixture = new AssemblerFixture();
    fixture.histograms(0, 0, 4);
    send(fixture);
    fixture.histograms(0, 4, 4);
    fixture.end(0);
    expect(fixture.seen[0]!.complete).toBe(true);
    expectRows(fixture.seen[0]!, allRows);
  });

  it.each([0, 8, 9, 15, 31, 32, 0x100, 0xffff])('lifetimes with planes %i', (planes) => {
    const fixture = new AssemblerFixture({ expect: both });
    const payload = lifetimeRows(0, 0, 1, planes);
    fixture.send({ type: PacketType.lifetimes, planes, frame: 0, firstRow: 0, rowCount: 1 }, payload);
    expect(fixture.counters.packetsInvalid).toBe(1);
  });

  it('lifetimes that claim to hold histograms, too, and are as long as that', () => {
    const fixture = new AssemblerFixture({ expect: both });
    const payload = new Uint8Array(2 * width + 2 * bins * width);
    fixture.send({ type: PacketType.lifetimes, planes: 33, frame: 0, firstRow: 0, rowCount: 1 }, payload);
    expect(fixture.counters.packetsInvalid).toBe(1);
  });

  it('lifetimes whose length fits other planes than they claim', () => {
    const fixture = new AssemblerFixture({ expect: lifetimesOnly });
    fixture.send(
      { type: PacketType.lifetimes, planes: 3, frame: 0, firstRow: 0, rowCount: 1 },
      lifetimeRows(0, 0, 1, 7),
    );
    expect(fixture.counters.packetsInvalid).toBe(1);
  });

  it('histograms in a run of lifetimes', () => {
    const fixture = new AssemblerFixture({ expect: lifetimesOnly });
    fixture.histograms(0, 0, 1);
    expect(fixture.counters.packetsInvalid).toBe(1);
  });
});

describe('without a free slot', () => {
  it('a frame is dropped, its later packets are counted and not assembled', () => {
    const fixture = new AssemblerFixture({ poolSlots: 1, hold: true });
    fixture.wholeFrame(0);
    fixture.wholeFrame(1);
    expect(fixture.frameNumbers).toEqual([0]);
    expect(fixture.counters).toMatchObject({ framesDropped: 1, framesRejected: 1, packetsLate: 5 });
  });

  it('a slot that comes back serves the next frame, not the rest of the dropped one', () => {
    const fixture = new AssemblerFixture({ poolSlots: 1, hold: true });
    fixture.wholeFrame(0);
    fixture.histograms(1, 0, 4);
    fixture.pool.release(fixture.seen[0]!.slot);
    fixture.histograms(1, 4, 4);
    fixture.end(1);
    fixture.wholeFrame(2);
    expect(fixture.frameNumbers).toEqual([0, 2]);
    expect(fixture.counters).toMatchObject({ framesDropped: 1, packetsLate: 3 });
  });

  it('tells the most slots that were ever in use', () => {
    const fixture = new AssemblerFixture({ poolSlots: 8, hold: true });
    fixture.wholeFrame(0);
    fixture.wholeFrame(1);
    fixture.histograms(2, 0, 1);
    fixture.histograms(3, 0, 1);
    fixture.assembler.finish();
    for (const { slot } of fixture.seen) fixture.pool.release(slot);
    fixture.wholeFrame(4);
    expect(fixture.counters.poolHighWater).toBe(4);
  });
});

describe('bookkeeping', () => {
  it('takes from endOfFrame how many frames the device has dropped', () => {
    const fixture = new AssemblerFixture();
    fixture.end(1, { framesDropped: 5 });
    fixture.end(0, { framesDropped: 2 });
    expect(fixture.counters.framesDroppedByDevice).toBe(5);
  });

  it('abort gives up what is open and frees its slots', () => {
    const fixture = new AssemblerFixture();
    fixture.histograms(0, 0, 8);
    fixture.histograms(1, 0, 8);
    fixture.assembler.abort();
    expect(fixture.seen).toHaveLength(0);
    expect(fixture.counters).toMatchObject({ framesRejected: 2, framesPublished: 0 });
    expect(fixture.pool.inUse).toBe(0);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'every frame is published or rejected, and every published row is right, in any disorder (seed %i)',
    (seed) => {
      const random = new Random(seed, 99);
      const fixture = new AssemblerFixture({ poolSlots: 5, maxOpenFrames: 3 });
      const frames = 60;
      const sends = Array.from({ length: frames }, (_, frame) => [
        ...allRows.map((row) => ({ frame, send: () => fixture.histograms(frame, row, 1) })),
        { frame, send: () => fixture.end(frame) },
      ])
        .flat()
        .filter(() => random.below(10) !== 0)
        .map((each, i) => ({ ...each, key: i + random.uniform() * 40 }))
        .sort((a, b) => a.key - b.key);
      for (const { send } of sends) {
        send();
        fixture.pass(random.below(40) === 0 ? TIMEOUT_MS : random.below(30));
      }
      fixture.assembler.finish();
      const { counters, assembler } = fixture;
      expect(assembler.frames.seen).toBe(new Set(sends.map(({ frame }) => frame)).size);
      expect(counters.framesPublished + counters.framesRejected).toBe(assembler.frames.seen);
      expect(new Set(fixture.frameNumbers).size).toBe(fixture.seen.length);
      expect(counters.framesPartial).toBe(fixture.seen.filter(({ complete }) => !complete).length);
      for (const seen of fixture.seen) {
        const valid = allRows.filter((row) => seen.rowsValid[row] === 1);
        expect(seen.complete).toBe(valid.length === height);
        expectRows(seen, valid);
      }
      expect(fixture.pool.inUse).toBe(0);
    },
  );
});
