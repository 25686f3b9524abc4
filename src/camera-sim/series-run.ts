import { DeviceOutput, PACKET_HEADER_BYTES } from '../protocol/index.js';
import { Alarm, type DeviceTime, FrameClock } from './device-time.js';
import type { FrameRenderer } from './frame-renderer.js';
import type { PacketOutlet } from './packet-outlet.js';
import { histogramRowBytes, lifetimeRowBytes, type Packetizer } from './packetizer.js';

/** What the registers say when a series starts. */
export interface SeriesSettings {
  /** Bit mask of DeviceOutput. */
  output: number;
  /** 0 = until stopped. */
  frameLimit: number;
  /** 0 = as fast as the link takes frames. */
  framePeriodUs: number;
  rowsPerPacket: number;
  minPhotons: number;
}

export interface SeriesParts {
  renderer: FrameRenderer;
  packetizer: Packetizer;
  outlet: PacketOutlet;
  time: DeviceTime;
  ticks: () => number;
  /** The telemetry words now. */
  telemetry: () => ArrayLike<number>;
  /** Whether there is something to take; the sensor always has. */
  frameThere: () => boolean;
  /** Photons of a frame and the time it took, for the telemetry. */
  frameDone: (milliseconds: number) => void;
}

const TELEMETRY_PERIOD_MS = 1000;
/** Rendering lets register requests through at least this often. */
const BREATHE_MS = 4;

/** One series from start to its last packet. */
export class SeriesRun {
  framesSent = 0;
  framesDropped = 0;
  private ending: 'stop' | 'abort' | 'lost' | null = null;
  private readonly alarm: Alarm;
  private readonly clock: FrameClock;
  private telemetryDueMs: number;
  private lastFrameMs: number;

  constructor(
    private readonly settings: SeriesSettings,
    private readonly parts: SeriesParts,
  ) {
    const now = parts.time.nowMs();
    this.alarm = new Alarm(parts.time);
    this.clock = new FrameClock(now, settings.framePeriodUs / 1000);
    this.telemetryDueMs = now + TELEMETRY_PERIOD_MS;
    this.lastFrameMs = now;
    parts.outlet.onRoom = () => this.alarm.ring();
  }

  get packetsSent(): number {
    return this.parts.packetizer.packets;
  }

  /** `stop` finishes the frame, `abort` does not, `lost` says that nobody listens any more. */
  end(how: 'stop' | 'abort' | 'lost'): void {
    if (this.ending !== 'lost') this.ending = how;
    this.alarm.ring();
  }

  /** Something it may wait for has come. */
  wake(): void {
    this.alarm.ring();
  }

  /** Sends frames until the limit or `end`; then the end of the series, unless the link is lost. */
  async run(): Promise<void> {
    const { frameLimit } = this.settings;
    for (let frame = 0; frameLimit === 0 || frame < frameLimit; frame++) {
      await this.untilDue();
      if (this.ending) break;
      if (this.hasRoom()) await this.readOut(frame);
      else this.framesDropped++;
    }
    if (this.ending !== 'lost') this.parts.packetizer.endOfSeries(this.framesSent, this.framesDropped);
  }

  /** Until the frame is due; without a frame period, until the link has room for it. */
  private async untilDue(): Promise<void> {
    const { time } = this.parts;
    const paced = this.settings.framePeriodUs > 0;
    await time.breathe();
    for (;;) {
      this.sendTelemetry();
      const now = time.nowMs();
      const remaining = this.remainingMs(now, paced);
      if (this.ending || remaining <= 0) break;
      await this.alarm.wait(Math.min(remaining, Math.max(1, this.telemetryDueMs - now)));
    }
    this.clock.frameBegun(time.nowMs());
  }

  private remainingMs(now: number, paced: boolean): number {
    if (!this.parts.frameThere()) return Infinity;
    return paced ? this.clock.remaining(now) : this.hasRoom() ? 0 : Infinity;
  }

  /** A device without frame memory must be able to hand over the whole frame, or drops it. */
  private hasRoom(): boolean {
    const { outlet } = this.parts;
    return outlet.room >= Math.min(this.frameBytes(), outlet.capacity);
  }

  private frameBytes(): number {
    const { width, height, bins } = this.parts.renderer.source;
    const { output, rowsPerPacket } = this.settings;
    let rowBytes = 0;
    let packetsPerBand = 0;
    if (output & DeviceOutput.histograms) {
      rowBytes += histogramRowBytes(width, bins);
      packetsPerBand++;
    }
    if (output & DeviceOutput.lifetimes) {
      rowBytes += lifetimeRowBytes(width, (output & DeviceOutput.standardErrors) !== 0);
      packetsPerBand++;
    }
    return height * rowBytes + Math.ceil(height / rowsPerPacket) * packetsPerBand * PACKET_HEADER_BYTES;
  }

  private async readOut(frame: number): Promise<void> {
    const { renderer, packetizer, time, ticks } = this.parts;
    const { output, rowsPerPacket, minPhotons } = this.settings;
    const { height } = renderer.source;
    const standardErrors = (output & DeviceOutput.standardErrors) !== 0;
    const startTicks = ticks();
    let breathedMs = time.nowMs();
    packetizer.beginFrame(frame);
    renderer.begin(frame, output & DeviceOutput.lifetimes ? minPhotons : null);
    for (let row = 0; row < height; row += rowsPerPacket) {
      const rows = Math.min(rowsPerPacket, height - row);
      renderer.rows(row, rows);
      if (output & DeviceOutput.histograms) packetizer.histograms(renderer.planes, row, rows);
      if (output & DeviceOutput.lifetimes) packetizer.lifetimes(renderer.planes, row, rows, standardErrors);
      if (time.nowMs() - breathedMs >= BREATHE_MS) {
        await time.breathe();
        breathedMs = time.nowMs();
      }
      if (this.ending === 'abort' || this.ending === 'lost') return;
    }
    this.framesSent++;
    packetizer.endOfFrame(startTicks, ticks(), this.framesDropped);
    this.frameTaken();
  }

  private frameTaken(): void {
    const now = this.parts.time.nowMs();
    this.parts.frameDone(this.settings.framePeriodUs / 1000 || now - this.lastFrameMs);
    this.lastFrameMs = now;
  }

  private sendTelemetry(): void {
    const { time, outlet, packetizer, telemetry } = this.parts;
    const now = time.nowMs();
    if (now < this.telemetryDueMs || this.ending) return;
    this.telemetryDueMs = now + TELEMETRY_PERIOD_MS;
    const words = telemetry();
    if (outlet.room >= PACKET_HEADER_BYTES + words.length * 4) packetizer.telemetry(words);
  }
}
