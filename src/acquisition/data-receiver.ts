import type { Crc32c } from '../protocol/crc32c.js';
import { FlimdError } from '../protocol/errors.js';
import { type PacketHeader, PacketType } from '../protocol/packet.js';
import type { RunCounters } from '../protocol/stream.js';
import type { AcquisitionLimits } from './acquisition-options.js';
import { DataConnection, type DataOpener } from './data-connection.js';
import type { PublishedFrame } from './frame-assembler.js';
import { FramePool, type FramePoolShare } from './frame-pool.js';
import { PacketDecoder } from './packet-decoder.js';
import { type EndOfSeries, wordsFrom } from './packet-payloads.js';
import type { ExpectedOutput } from './row-writer.js';
import { type DeviceTotals, SeriesReceiver } from './series-receiver.js';

export interface SeriesOrder {
  series: number;
  share: FramePoolShare;
  expect: ExpectedOutput;
}

export interface ReceiverEvents {
  frame(frame: PublishedFrame): void;
  counters(counters: RunCounters): void;
  telemetry(words: Uint32Array): void;
  endOfSeries(end: EndOfSeries & { series: number }): void;
  lost(error: FlimdError): void;
  refused(reason: string): void;
}

export interface DataReceiverParts<Target> {
  open: DataOpener<Target>;
  events: ReceiverEvents;
  limits: AcquisitionLimits;
  crc?: Crc32c;
  /** Monotonic, ms. */
  clock?: () => number;
}

const COUNTERS_PERIOD_MS = 200;

interface Drain {
  since: number;
  resolve(counters: RunCounters): void;
}

/** The reading end of the data channel: bytes → packets → series. Driven by the link and by `tick`. */
export class DataReceiver<Target> {
  private readonly decoder: PacketDecoder;
  private readonly connection: DataConnection<Target>;
  private readonly clock: () => number;
  private series: SeriesReceiver | null = null;
  private drain: Drain | null = null;
  private lastBytesAt = 0;
  private rescannedBytes = 0;
  private countersAt = 0;

  constructor(private readonly parts: DataReceiverParts<Target>) {
    const { open, events, limits, crc, clock } = parts;
    this.clock = clock ?? (() => performance.now());
    this.decoder = new PacketDecoder({ crc, onPacket: (header, payload) => this.route(header, payload) });
    this.connection = new DataConnection<Target>({
      openChannel: open,
      decoder: this.decoder,
      attachTimeoutMs: limits.attachTimeoutMs,
      onBytes: (bytes) => this.receive(() => this.decoder.commit(bytes)),
      onChunk: (bytes) => this.receive(() => this.decoder.take(bytes)),
      onSilenced: () => this.silenced(),
      onLost: events.lost,
      onRefused: events.refused,
    });
  }

  /** @throws FlimdError of the link, FLIMD_E_LINK_REFUSED, FLIMD_E_LINK_TIMEOUT, FLIMD_E_NOT_A_CAMERA */
  connect(target: Target): Promise<void> {
    return this.connection.open(target);
  }

  disconnect(): Promise<void> {
    return this.connection.close();
  }

  beginSeries({ series, share, expect }: SeriesOrder): void {
    const { limits, events } = this.parts;
    const now = this.clock();
    this.series = new SeriesReceiver(
      {
        ...limits,
        series,
        expect,
        pool: new FramePool(share),
        onFrame: events.frame,
        onEndOfSeries: (end) => events.endOfSeries({ series, ...end }),
      },
      this.decoder.counters,
      now,
    );
    this.countersAt = now;
  }

  /** Waits for what the device has sent, closes the open frames, and gives the final counters. */
  async endSeries(totals: DeviceTotals): Promise<RunCounters> {
    const series = this.current();
    if (this.drain) throw new FlimdError('FLIMD_E_STATE', 'the series is being ended already');
    series.deviceSays(totals);
    return new Promise((resolve) => {
      this.drain = { since: this.clock(), resolve };
      this.endIfDrained();
    });
  }

  /** Gives up the open frames; a drain that is under way ends with it. */
  abortSeries(): RunCounters {
    const counters = this.current().abort();
    this.endSeriesWith(counters);
    return counters;
  }

  /** To be called every few tens of milliseconds: time-outs, truncated packets, counters. */
  tick(): void {
    const now = this.clock();
    this.rescan();
    if (!this.series) return;
    this.series.expire(now);
    if (this.drain) this.endIfDrained();
    else if (now - this.countersAt >= COUNTERS_PERIOD_MS) {
      this.countersAt = now;
      this.parts.events.counters(this.series.counters());
    }
  }

  private current(): SeriesReceiver {
    if (this.series) return this.series;
    throw new FlimdError('FLIMD_E_STATE', 'no series is being received', { action: 'begin a series first' });
  }

  private receive(decode: () => void): void {
    const now = this.clock();
    this.lastBytesAt = now;
    decode();
    if (this.drain && this.series!.allArrived) this.endIfDrained();
    // A link that always has more keeps the timers of this thread waiting, and `tick` with them.
    else if (this.series && !this.drain && now - this.countersAt >= COUNTERS_PERIOD_MS) this.tick();
  }

  private route(header: Readonly<PacketHeader>, payload: Uint8Array): void {
    if (header.type === PacketType.attached) this.connection.accepted();
    else if (header.type === PacketType.refused) this.connection.refused(new TextDecoder().decode(payload));
    else {
      if (header.type === PacketType.telemetry) this.telemetry(payload);
      this.series?.accept(header, payload, this.lastBytesAt);
    }
  }

  private telemetry(payload: Uint8Array): void {
    const words = wordsFrom(payload);
    if (words) this.parts.events.telemetry(words);
  }

  /** Nothing comes any more: what is here is all there is. */
  private silenced(): void {
    this.decoder.flush();
    this.endIfDrained();
  }

  /** Frees the packets that a truncated one holds up; there can be none without new bytes. */
  private rescan(): void {
    const { bytesReceived } = this.decoder.counters;
    if (bytesReceived === this.rescannedBytes) return;
    this.rescannedBytes = bytesReceived;
    this.decoder.rescan();
  }

  private endIfDrained(): void {
    const { series, drain } = this;
    if (!series || !drain) return;
    const { settleMs, drainTimeoutMs } = this.parts.limits;
    const silence = this.clock() - Math.max(series.lastPacketAt, drain.since);
    const silent = !this.connection.linked || silence >= (series.ended ? settleMs : drainTimeoutMs);
    if (!silent && !series.allArrived) return;
    if (!series.allArrived) this.decoder.flush();
    this.endSeriesWith(series.finish());
  }

  private endSeriesWith(counters: RunCounters): void {
    const { drain } = this;
    this.series = null;
    this.drain = null;
    drain?.resolve(counters);
  }
}
