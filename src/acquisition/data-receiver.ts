import type { Crc32c } from '../protocol/crc32c.js';
import { FlimdError } from '../protocol/errors.js';
import { encodeAttach, LinkChannel, type PacketHeader, PacketType } from '../protocol/packet.js';
import type { RunCounters } from '../protocol/stream.js';
import type { AcquisitionLimits } from './acquisition-options.js';
import { Attachment } from './attachment.js';
import type { PublishedFrame } from './frame-assembler.js';
import { FramePool, type FramePoolShare } from './frame-pool.js';
import { PacketDecoder } from './packet-decoder.js';
import { type EndOfSeries, wordsFrom } from './packet-payloads.js';
import type { ExpectedOutput } from './row-writer.js';
import { type DeviceTotals, SeriesReceiver } from './series-receiver.js';

/** Opens the data channel of `target`, sends the greeting and puts what arrives into the sink. */
export type DataOpener<Target> = (
  target: Target,
  greeting: Uint8Array,
  sink: { reserve(): Uint8Array; commit(bytes: number): void },
  onLost: (error: FlimdError) => void,
) => Promise<{ close(): Promise<void> }>;

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
  private readonly clock: () => number;
  private channel: { close(): Promise<void> } | null = null;
  private attachment: Attachment | null = null;
  private series: SeriesReceiver | null = null;
  private drain: Drain | null = null;
  private linked = false;
  private lastBytesAt = 0;
  private decodedAtTick = 0;
  private rescannedBytes = 0;
  private countersAt = 0;

  constructor(private readonly parts: DataReceiverParts<Target>) {
    this.clock = parts.clock ?? (() => performance.now());
    this.decoder = new PacketDecoder({
      crc: parts.crc,
      onPacket: (header, payload) => this.route(header, payload),
    });
  }

  /** @throws FlimdError of the link, FLIMD_E_LINK_REFUSED, FLIMD_E_LINK_TIMEOUT, FLIMD_E_NOT_A_CAMERA */
  async connect(target: Target): Promise<void> {
    await this.disconnect();
    const attachment = new Attachment(this.parts.limits.attachTimeoutMs, () => this.decoder.counters);
    this.attachment = attachment;
    const sink = {
      reserve: () => this.decoder.reserve(),
      commit: (bytes: number) => this.commit(bytes),
    };
    try {
      const greeting = encodeAttach(LinkChannel.data);
      this.channel = await this.parts.open(target, greeting, sink, (error) => this.lost(error));
      await attachment.done;
      this.linked = true;
    } catch (error) {
      attachment.fail(error as FlimdError);
      await this.disconnect();
      throw error;
    } finally {
      this.attachment = null;
    }
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
    this.rescanIfStuck();
    if (!this.series) return;
    this.series.expire(now);
    if (this.drain) this.endIfDrained();
    else if (now - this.countersAt >= COUNTERS_PERIOD_MS) {
      this.countersAt = now;
      this.parts.events.counters(this.series.counters());
    }
  }

  async disconnect(): Promise<void> {
    const { channel } = this;
    await channel?.close();
    this.unlink();
  }

  private current(): SeriesReceiver {
    if (this.series) return this.series;
    throw new FlimdError('FLIMD_E_STATE', 'no series is being received', { action: 'begin a series first' });
  }

  private commit(bytes: number): void {
    this.lastBytesAt = this.clock();
    this.decoder.commit(bytes);
    if (this.drain && this.series!.allArrived) this.endIfDrained();
  }

  private route(header: Readonly<PacketHeader>, payload: Uint8Array): void {
    if (header.type === PacketType.attached) this.attachment?.accept();
    else if (header.type === PacketType.refused) this.refused(new TextDecoder().decode(payload));
    else {
      if (header.type === PacketType.telemetry) this.telemetry(payload);
      this.series?.accept(header, payload, this.lastBytesAt);
    }
  }

  private refused(reason: string): void {
    if (this.attachment) this.attachment.refuse(reason);
    else this.parts.events.refused(reason);
  }

  private telemetry(payload: Uint8Array): void {
    const words = wordsFrom(payload);
    if (words) this.parts.events.telemetry(words);
  }

  private lost(error: FlimdError): void {
    this.unlink();
    if (this.attachment) this.attachment.fail(error);
    else this.parts.events.lost(error);
  }

  /** Nothing comes any more: what is here is all there is. */
  private unlink(): void {
    this.linked = false;
    this.channel = null;
    this.decoder.flush();
    this.endIfDrained();
  }

  /** Nothing was decoded since the last tick: does a truncated packet hold up others? */
  private rescanIfStuck(): void {
    const { packetsDecoded, bytesReceived } = this.decoder.counters;
    const stuck = packetsDecoded === this.decodedAtTick && bytesReceived !== this.rescannedBytes;
    this.decodedAtTick = packetsDecoded;
    if (!stuck) return;
    this.rescannedBytes = bytesReceived;
    this.decoder.rescan();
  }

  private endIfDrained(): void {
    const { series, drain } = this;
    if (!series || !drain) return;
    const { settleMs, drainTimeoutMs } = this.parts.limits;
    const silence = this.clock() - Math.max(series.lastPacketAt, drain.since);
    const silent = !this.linked || silence >= (series.ended ? settleMs : drainTimeoutMs);
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
