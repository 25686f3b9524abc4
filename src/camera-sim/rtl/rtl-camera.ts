import {
  DeviceCommand,
  DeviceState,
  HistogramSource,
  PACKET_HEADER_BYTES,
  type PacketHeader,
  PacketType,
  type Register,
  decodeHeader,
  emptyHeader,
  register,
} from '../../protocol/index.js';
import type { Device } from '../device.js';
import { DeviceClock, type DeviceTime } from '../device-time.js';
import type { PhotonSource } from '../frame-renderer.js';
import { HistogramInjector } from '../histogram-injector.js';
import type { PacketOutlet } from '../packet-outlet.js';
import { Refusal } from '../register-file.js';
import type { BiasedSensor } from '../slow-control/biased-sensor.js';
import { TelemetrySensors } from '../telemetry.js';
import { eventsOf } from './photon-events.js';
import { loadRtlAddon, type RtlDevice, RunEnd, type Straps } from './rtl-addon.js';
import { RtlRegisters } from './rtl-registers.js';

export interface RtlCameraParts {
  straps: Straps;
  source: PhotonSource;
  /** The model in the core; null: the device has none. */
  image: Uint32Array | null;
  time: DeviceTime;
  /** Behind the slow control; null where there is none. */
  sensor: BiasedSensor | null;
}

/** Cycles between looks at the wall clock, and while nothing moves. */
const BUSY_CYCLES = 20_000;
const QUIET_CYCLES = 256;
/** Register requests and the link get their turn at least this often. */
const BREATHE_MS = 4;
const QUIET_MS = 1;

const STATE_ADDRESS = register('state').address;
const DROPPED_ADDRESS = register('framesDropped').address;
const COMMAND_ADDRESS = register('command').address;

/**
 * The bitstream's own RTL as a device: verilated, fed with the photons of a source, its clock driven from here, the
 * HLS core at its side. It is a camera in slow motion: what it does takes as many cycles as in the FPGA, at about
 * half a million cycles a second, while its frame clock is the wall clock's.
 */
export class RtlCamera implements Device {
  /** The harness of the simulation does not watch the interrupt: hosts read `errorFlags`. */
  onInterrupt: () => void = () => {};
  onRoomToInject: () => void = () => {};
  readonly registers: RtlRegisters;
  readonly maxPacketBytes: number;
  private readonly device: RtlDevice;
  private readonly clock: DeviceClock;
  private readonly sensors: TelemetrySensors;
  private readonly packet: Uint8Array;
  private readonly packetView: DataView;
  private readonly header: PacketHeader = emptyHeader();
  private readonly exposed: Uint16Array;
  private outlet: PacketOutlet | null = null;
  /** Exposures of the series that have begun. */
  private exposures = 0;
  private pumping = false;

  constructor(private readonly parts: RtlCameraParts) {
    const { straps, source, image, time, sensor } = parts;
    const addon = loadRtlAddon();
    this.clock = new DeviceClock(time);
    this.sensors = new TelemetrySensors(this.clock, straps.laserPeriodFs, sensor);
    this.maxPacketBytes = PACKET_HEADER_BYTES + 2 ** addon.payloadBits;
    this.packet = new Uint8Array(this.maxPacketBytes);
    this.packetView = new DataView(this.packet.buffer);
    this.exposed = new Uint16Array(source.width * source.height * source.bins);
    this.device = new addon.RtlDevice(straps, image, this.packet);
    this.registers = new RtlRegisters(this.device, {
      begin: () => (this.device.ticks = this.ticks()),
      check: (target, value) => this.checkSurroundings(target, value),
      written: (target, value) => this.written(target, value),
      end: () => this.serveExposure(),
    });
  }

  /** Nothing takes from it: `histogramSource` stays with the sensor. */
  openInjector(): HistogramInjector {
    return new HistogramInjector(this.parts.source, () => {});
  }

  /** Clock cycles simulated since power-on. */
  get cycles(): number {
    return this.device.cycles;
  }

  ticks(): number {
    return this.clock.ticks();
  }

  attachData(outlet: PacketOutlet): void {
    this.outlet = outlet;
  }

  detachData(): void {
    this.outlet = null;
    if (this.running()) this.device.write(COMMAND_ADDRESS, DeviceCommand.abort);
  }

  private running(): boolean {
    const state = this.device.read(STATE_ADDRESS);
    this.serveExposure();
    return state === DeviceState.acquiring || state === DeviceState.draining;
  }

  /** What the bitstream could do but nobody around it in this simulation. */
  private checkSurroundings(target: Register | undefined, value: number): void {
    if (target?.name === 'histogramSource' && value === HistogramSource.injected)
      throw new Refusal('the simulated link carries no histograms to inject');
    if (target?.name === 'command' && value === DeviceCommand.start && !this.outlet)
      throw new Refusal('no data channel is attached');
  }

  private written(target: Register, value: number): void {
    if (target.name !== 'command') return;
    if (value === DeviceCommand.arm) this.exposures = 0;
    if (value === DeviceCommand.start && !this.pumping) void this.pump();
  }

  /**
   * Drives the clock until no series runs and the link has taken all that its FIFO holds; where the link is full, for
   * as long as it takes. The last look and `pumping` are one step, so that no start comes between them.
   */
  private async pump(): Promise<void> {
    const { time } = this.parts;
    this.pumping = true;
    for (;;) {
      const running = this.running();
      const moved = this.runFor(time.nowMs() + BREATHE_MS);
      if (moved) await time.breathe();
      else if (running || !this.linkReady()) await this.pause();
      else break;
    }
    this.pumping = false;
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => this.parts.time.after(QUIET_MS, resolve));
  }

  /** False where nothing moved, so that the clock may rest. */
  private runFor(untilMs: number): boolean {
    const { device, parts, sensors } = this;
    device.sensors(sensors.temperatureMilliC(), sensors.biasMillivolt(), sensors.laserRateHz());
    let moved = false;
    do {
      device.ticks = this.ticks();
      const end = device.run(moved ? BUSY_CYCLES : QUIET_CYCLES, this.linkReady());
      this.serveExposure();
      if (end === RunEnd.packetWhole) this.handOver();
      if (!device.moved && end === RunEnd.cyclesOver) return moved;
      moved = true;
    } while (parts.time.nowMs() < untilMs);
    return true;
  }

  /** Where nobody listens the packets of an aborted series are swallowed. */
  private linkReady(): boolean {
    const { outlet } = this;
    return !outlet || outlet.room >= Math.min(this.maxPacketBytes, outlet.capacity);
  }

  /** Dropped frames use up their numbers too; the device clock stands still until the exposure has its photons. */
  private serveExposure(): void {
    if (!this.device.takeExposure()) return;
    const { source, sensor } = this.parts;
    const frame = this.exposures++ + this.device.read(DROPPED_ADDRESS)!;
    source.begin(frame, sensor?.response());
    source.expose(0, source.height, this.exposed, { total: 0, peak: 0 });
    this.device.expose(eventsOf(this.exposed, source.bins));
  }

  private handOver(): void {
    const { outlet, device } = this;
    if (!outlet) return;
    const bytes = device.packetBytes;
    outlet.reserve(bytes).set(this.packet.subarray(0, bytes));
    outlet.commit(bytes);
    const type = decodeHeader(this.packetView, this.packet, 0, this.header)?.type;
    if (type === PacketType.endOfSeries) outlet.endSeries();
    else if (type === PacketType.endOfFrame || type === PacketType.telemetry) outlet.flush();
  }
}
