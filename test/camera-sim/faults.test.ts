import { describe, expect, it } from 'vitest';
import { FaultInjector, noFaults } from '../../src/camera-sim/faults.js';
import {
  PACKET_HEADER_BYTES,
  PacketType,
  crc32c,
  decodeHeader,
  emptyHeader,
  encodePacket,
} from '../../src/protocol/index.js';

const everyFault = {
  ...noFaults,
  drop: 0.05,
  corrupt: 0.05,
  truncate: 0.05,
  duplicate: 0.05,
  reorder: 0.05,
  garbage: 0.05,
  stall: 0.02,
  disconnect: 0.01,
};

const packet = (sequence: number): Uint8Array =>
  encodePacket({ type: PacketType.lifetimes, series: 1, sequence }, new Uint8Array(64).fill(sequence));

/** Sends packets through an injector; each written run is kept by itself. */
function run(seed: number, faults: typeof everyFault, packets: number) {
  const runs: Uint8Array[] = [];
  const events = { stalls: 0, disconnects: 0 };
  const injector = new FaultInjector(seed, faults, {
    write: (bytes) => runs.push(bytes.slice()),
    stall: () => events.stalls++,
    disconnect: () => events.disconnects++,
  });
  for (let sequence = 0; sequence < packets; sequence++) injector.send(packet(sequence));
  injector.flush();
  return { runs, events, ledger: injector.ledger };
}

/** Sequence numbers of the runs that are one sound packet, in order of arrival. */
function soundSequences(runs: Uint8Array[]): number[] {
  return runs.flatMap((bytes) => {
    if (bytes.length < PACKET_HEADER_BYTES) return [];
    const header = decodeHeader(new DataView(bytes.buffer), bytes, 0, emptyHeader());
    if (!header || bytes.length !== PACKET_HEADER_BYTES + header.payloadBytes) return [];
    return crc32c(bytes.subarray(PACKET_HEADER_BYTES)) === header.payloadCrc ? [header.sequence] : [];
  });
}

describe('FaultInjector', () => {
  it('leaves packets alone without faults', () => {
    const { runs, ledger } = run(1, noFaults, 50);
    expect(runs.map((bytes) => Buffer.from(bytes))).toEqual(
      Array.from({ length: 50 }, (_, sequence) => Buffer.from(packet(sequence))),
    );
    expect(ledger).toMatchObject({ packets: 50, dropped: 0, corrupted: 0, garbageRuns: 0 });
  });

  it('gives the same bytes for the same seed and others for another', () => {
    const bytes = (seed: number) => Buffer.concat(run(seed, everyFault, 400).runs);
    expect(bytes(7)).toEqual(bytes(7));
    expect(bytes(7)).not.toEqual(bytes(8));
  });

  it.each([3, 4, 5])('keeps a ledger that tells exactly what arrives (seed %i)', (seed) => {
    const { runs, events, ledger } = run(seed, everyFault, 5000);
    const arrived = soundSequences(runs);
    const distinct = new Set(arrived);
    expect(ledger.packets).toBe(5000);
    expect(distinct.size).toBe(5000 - ledger.dropped - ledger.corrupted - ledger.truncated);
    expect(arrived.length - distinct.size).toBe(ledger.duplicated);
    let highest = -1;
    let reordered = 0;
    for (const sequence of arrived) {
      if (sequence < highest) reordered++;
      highest = Math.max(highest, sequence);
    }
    expect(reordered).toBe(ledger.reordered);
    expect(events).toEqual({ stalls: ledger.stalls, disconnects: ledger.disconnects });
  });

  it('strikes as often as it is told', () => {
    const { ledger } = run(11, everyFault, 20_000);
    // 5 standard deviations of a binomial with n = 20000, p = 0.05.
    for (const count of [ledger.dropped, ledger.corrupted, ledger.truncated, ledger.duplicated]) {
      expect(Math.abs(count - 1000)).toBeLessThan(155);
    }
    expect(Math.abs(ledger.garbageRuns - 1000)).toBeLessThan(155);
  });

  it('lets the last packet go at the end of the series though it was held back', () => {
    const { runs, ledger } = run(2, { ...noFaults, reorder: 1 }, 3);
    expect(soundSequences(runs).sort()).toEqual([0, 1, 2]);
    expect(ledger.reordered).toBeLessThanOrEqual(1);
  });

  it('puts a magic or a header prefix into some garbage', () => {
    const { runs, ledger } = run(5, { ...noFaults, garbage: 1 }, 400);
    const garbage = runs.filter((_, i) => i % 2 === 0);
    const withMagic = garbage.filter((bytes) => Buffer.from(bytes).includes('FLIM'));
    expect(ledger.garbageRuns).toBe(400);
    expect(withMagic.length).toBeGreaterThan(100);
    expect(withMagic.length).toBeLessThan(300);
  });
});
