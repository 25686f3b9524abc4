import { type PacketHeader, PacketType } from '../protocol/packet.js';
import type { RunCounters } from '../protocol/stream.js';
import { FrameAssembler, type FrameAssemblerOptions } from './frame-assembler.js';
import { NumberWindow } from './number-window.js';
import type { DecoderCounters } from './packet-decoder.js';
import { type EndOfSeries, endOfSeriesFrom } from './packet-payloads.js';

/** What the device says it sent in a series: its counter registers, or the endOfSeries packet. */
export interface DeviceTotals {
  /** Modulo 2^32; null where the device cannot be asked any more. */
  packetsSent: number | null;
  framesSent: number;
  framesDroppedByDevice: number;
}

export interface SeriesReceiverOptions extends FrameAssemblerOptions {
  onEndOfSeries(end: EndOfSeries): void;
}

/** Everything that arrives of one series: each packet is counted once, and its rows go to the assembler. */
export class SeriesReceiver {
  readonly series: number;
  /** endOfSeries has come. */
  ended = false;
  /** Host clock, ms. */
  lastPacketAt: number;
  private readonly assembler: FrameAssembler;
  private readonly packets = new NumberWindow();
  private packetsDuplicated = 0;
  private packetsReordered = 0;
  private packetsForeign = 0;
  private packetsInvalid = 0;
  private device: DeviceTotals | null = null;
  private readonly decoderAtStart: DecoderCounters;

  constructor(
    private readonly options: SeriesReceiverOptions,
    private readonly decoder: Readonly<DecoderCounters>,
    now: number,
  ) {
    this.series = options.series;
    this.lastPacketAt = now;
    this.assembler = new FrameAssembler(options);
    this.decoderAtStart = { ...decoder };
  }

  /** Every packet that the device is known to have sent has arrived. */
  get allArrived(): boolean {
    const sent = this.packetsSent;
    return sent !== null && this.packets.seen >= sent;
  }

  accept(header: Readonly<PacketHeader>, payload: Uint8Array, now: number): void {
    if (header.series !== this.series) {
      this.packetsForeign++;
      return;
    }
    this.lastPacketAt = now;
    const arrival = this.packets.observe(header.sequence);
    if (arrival === 'repeated') this.packetsDuplicated++;
    else this.acceptNew(header, payload, now);
    if (arrival === 'reordered') this.packetsReordered++;
  }

  expire(now: number): void {
    this.assembler.expire(now);
  }

  /** The newest word counts, unless it is that nothing is known. */
  deviceSays(totals: DeviceTotals): void {
    if (totals.packetsSent !== null || !this.device) this.device = totals;
  }

  finish(): RunCounters {
    this.assembler.finish();
    return this.counters();
  }

  abort(): RunCounters {
    this.assembler.abort();
    return this.counters();
  }

  counters(): RunCounters {
    const { frames, counters } = this.assembler;
    const packetsSent = this.packetsSent;
    return {
      ...counters,
      packetsSent,
      packetsReceived: this.packets.seen,
      packetsLost: this.packets.missing + Math.max(0, (packetsSent ?? 0) - (this.packets.highest + 1)),
      packetsDuplicated: this.packetsDuplicated,
      packetsReordered: this.packetsReordered,
      packetsForeign: this.packetsForeign,
      packetsInvalid:
        this.decoder.packetsInvalid -
        this.decoderAtStart.packetsInvalid +
        this.packetsInvalid +
        counters.packetsInvalid,
      bytesSkipped: this.decoder.bytesSkipped - this.decoderAtStart.bytesSkipped,
      bytesReceived: this.decoder.bytesReceived - this.decoderAtStart.bytesReceived,
      framesReceived: frames.seen,
      framesMissing: Math.max(frames.highest + 1, this.framesBegunByDevice) - frames.seen,
      framesDroppedByDevice: Math.max(
        counters.framesDroppedByDevice,
        this.device?.framesDroppedByDevice ?? 0,
      ),
    };
  }

  private acceptNew(header: Readonly<PacketHeader>, payload: Uint8Array, now: number): void {
    switch (header.type) {
      case PacketType.lifetimes:
      case PacketType.histograms:
      case PacketType.endOfFrame:
        this.assembler.accept(header, payload, now);
        break;
      case PacketType.endOfSeries:
        this.endOfSeries(payload);
        break;
      case PacketType.telemetry:
        break;
      default:
        this.packetsInvalid++;
    }
  }

  private endOfSeries(payload: Uint8Array): void {
    const end = endOfSeriesFrom(payload);
    if (!end) {
      this.packetsInvalid++;
      return;
    }
    this.ended = true;
    this.deviceSays({
      packetsSent: end.packets,
      framesSent: end.framesSent,
      framesDroppedByDevice: end.framesDropped,
    });
    this.options.onEndOfSeries(end);
  }

  /** The device counts modulo 2^32: the number nearest to what has been seen is meant. */
  private get packetsSent(): number | null {
    const sent = this.device?.packetsSent ?? null;
    return sent === null ? null : this.packets.unwrap(sent - 1) + 1;
  }

  /** The device numbers the frames it drops, too. */
  private get framesBegunByDevice(): number {
    return this.device ? this.device.framesSent + this.device.framesDroppedByDevice : 0;
  }
}
