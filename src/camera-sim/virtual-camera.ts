import {
  type Crc32c,
  DeviceFault,
  DeviceKind,
  DeviceOutput,
  DeviceState,
  HistogramSource,
  PACKET_HEADER_BYTES,
  PACKET_MAX_PAYLOAD_BYTES,
  PACKET_VERSION,
  REGISTER_MAP_MAGIC,
  REGISTER_MAP_VERSION,
  FlimdError,
  fsFromPs,
} from '../protocol/index.js';
import type { Device } from './device.js';
import { commandName, nextState, type CommandName, type StateName } from './device-state.js';
import { DeviceClock, type DeviceTime, TICK_HZ } from './device-time.js';
import { FrameRenderer } from './frame-renderer.js';
import { HistogramInjector } from './histogram-injector.js';
import type { PacketOutlet } from './packet-outlet.js';
import { histogramRowBytes, lifetimeRowBytes, Packetizer } from './packetizer.js';
import { Refusal, RegisterFile } from './register-file.js';
import { SeriesRun } from './series-run.js';
import type { BiasedSensor } from './slow-control/biased-sensor.js';
import { TelemetrySensors } from './telemetry.js';

export interface DeviceIdentity {
  /** At most 16 ASCII characters. */
  serial: string;
  /** 16 bytes. */
  bitstreamId: Uint8Array;
  /** major << 16 | minor << 8 | patch */
  firmwareVersion: number;
}

export interface CameraParts {
  identity: DeviceIdentity;
  renderer: FrameRenderer;
  /** Bit mask of DeviceOutput that the device offers. */
  outputs: number;
  framePeriodUs: number;
  time: DeviceTime;
  /** Behind the slow control; null where there is none. */
  sensor?: BiasedSensor | null;
  crc: Crc32c;
}

const DEFAULT_MAX_PAYLOAD_BYTES = 512 * 1024;
const DEFAULT_ROWS_PER_PACKET = 8;

/**
 * The device: registers, and packets out of an outlet while a series runs. No I/O of its own; what carries
 * requests to `registers` and packets from the outlet is a transport's business.
 */
export class VirtualCamera implements Device {
  readonly registers: RegisterFile;
  /** A sticky error flag has been set. */
  onInterrupt: () => void = () => {};
  /** The injector takes bytes again. */
  onRoomToInject: () => void = () => {};
  private readonly clock: DeviceClock;
  private readonly sensors: TelemetrySensors;
  private state: StateName = 'idle';
  private outlet: PacketOutlet | null = null;
  /** The current or last series. */
  private series: SeriesRun | null = null;
  private injector: HistogramInjector | null = null;

  constructor(private readonly parts: CameraParts) {
    const { source } = parts.renderer;
    this.clock = new DeviceClock(parts.time);
    this.sensors = new TelemetrySensors(this.clock, fsFromPs(source.laserPeriodPs), parts.sensor);
    this.registers = new RegisterFile(() => (this.state === 'idle' ? null : this.state));
    this.describe();
    this.connect();
  }

  get maxPacketBytes(): number {
    return PACKET_HEADER_BYTES + this.registers.get('maxPayloadBytes');
  }

  /** The device clock now. */
  ticks(): number {
    return this.clock.ticks();
  }

  /** Packets go here from now on. */
  attachData(outlet: PacketOutlet): void {
    this.outlet = outlet;
  }

  /** Nobody reads the data any more: a series that runs is over. */
  detachData(): void {
    this.outlet = null;
    if (this.state === 'acquiring' || this.state === 'draining') this.series?.end('lost');
  }

  /** For links that carry histograms to the device. */
  openInjector(): HistogramInjector {
    if (this.injector) return this.injector;
    const injector = new HistogramInjector(this.parts.renderer.source, (bits) => this.flag(bits));
    injector.onChange = () => {
      this.series?.wake();
      this.onRoomToInject();
    };
    this.injector = injector;
    return injector;
  }

  private flag(bits: number): void {
    this.registers.set('errorFlags', this.registers.get('errorFlags') | bits);
    this.onInterrupt();
  }

  private describe(): void {
    const { identity, renderer, outputs, framePeriodUs } = this.parts;
    const { registers } = this;
    const { source, core } = renderer;
    registers.set('fault', DeviceFault.none);
    registers.set('mapMagic', REGISTER_MAP_MAGIC);
    registers.set('mapVersion', REGISTER_MAP_VERSION);
    registers.set('packetVersion', PACKET_VERSION);
    registers.set('firmwareVersion', identity.firmwareVersion);
    registers.setBytes('serial', new TextEncoder().encode(identity.serial));
    registers.setBytes('bitstreamId', identity.bitstreamId);
    registers.set('deviceKind', DeviceKind.virtual);
    registers.set('width', source.width);
    registers.set('height', source.height);
    registers.set('bins', source.bins);
    registers.set('outputs', outputs);
    registers.set('maxPayloadBytes', maxPayloadBytes(source.width, source.bins));
    registers.set('tickHz', TICK_HZ);
    registers.set('binWidthFs', fsFromPs(source.binWidthPs));
    registers.set('laserPeriodFs', fsFromPs(source.laserPeriodPs));
    registers.set('framePeriodUs', framePeriodUs);
    if (core) registers.setBytes('modelHash', core.modelHash);
    registers.set('minPhotons', core?.minPhotons ?? 0);
    registers.set('output', outputs);
    registers.set('rowsPerPacket', DEFAULT_ROWS_PER_PACKET);
  }

  private connect(): void {
    const { registers } = this;
    const { core } = this.parts.renderer;
    registers.live('state', () => DeviceState[this.state]);
    registers.live('ticks', this.clock.ticks);
    registers.live('packetsSent', () => this.series?.packetsSent ?? 0);
    registers.live('framesSent', () => this.series?.framesSent ?? 0);
    registers.live('framesDropped', () => this.series?.framesDropped ?? 0);
    this.sensors.connect(registers);
    registers.guard('output', (value) => this.checkOutput(value));
    registers.guard('minPhotons', (value) => {
      if (core && value < core.minPhotons) throw new Refusal(`minPhotons is at least ${core.minPhotons}`);
    });
    registers.guard('rowsPerPacket', (value) => {
      if (value === 0) throw new Refusal('rowsPerPacket is at least 1');
    });
    registers.guard('histogramSource', (value) => {
      if (value > HistogramSource.injected) throw new Refusal('histogramSource is 0 or 1');
      if (value !== HistogramSource.sensor && !this.injector)
        throw new Refusal('this device has no injector of histograms');
    });
    registers.action('command', (value) => this.command(commandName(value)));
  }

  private checkOutput(value: number): void {
    const impossible = value & ~this.parts.outputs;
    if (value === 0) throw new Refusal('output must have a bit set');
    if (impossible & DeviceOutput.lifetimes)
      throw new Refusal('this device has no network: it cannot send lifetimes');
    if (value & DeviceOutput.standardErrors && !(value & DeviceOutput.lifetimes))
      throw new Refusal('standard errors come with lifetimes only');
    if (impossible)
      throw new Refusal(`output ${value} is not possible; the device offers ${this.parts.outputs}`);
  }

  private command(command: CommandName): void {
    const next = nextState(this.state, command);
    if (command === 'arm') this.arm();
    if (command === 'start') this.start();
    this.state = next;
    if (next === 'draining') this.series?.end(command === 'stop' ? 'stop' : 'abort');
  }

  private arm(): void {
    if (this.registers.get('series') === 0) throw new Refusal('series must not be 0');
    const { width, height, bins } = this.parts.renderer.source;
    const output = this.registers.get('output');
    const rowBytes = Math.max(
      output & DeviceOutput.histograms ? histogramRowBytes(width, bins) : 0,
      output & DeviceOutput.lifetimes
        ? lifetimeRowBytes(width, (output & DeviceOutput.standardErrors) !== 0)
        : 0,
    );
    const most = Math.min(height, Math.floor(this.registers.get('maxPayloadBytes') / rowBytes));
    this.registers.set('rowsPerPacket', Math.min(this.registers.get('rowsPerPacket'), most));
    this.series = null;
    this.injector?.clear();
  }

  private start(): void {
    const { outlet, registers, clock } = this;
    const { time, crc } = this.parts;
    const injector = registers.get('histogramSource') === HistogramSource.injected ? this.injector : null;
    const renderer = injector
      ? new FrameRenderer(injector, this.parts.renderer.core, 0)
      : this.parts.renderer;
    if (!outlet) throw new Refusal('no data channel is attached');
    const packetizer = new Packetizer(outlet, registers.get('series'), clock.ticks, crc);
    const series = new SeriesRun(
      {
        output: registers.get('output'),
        frameLimit: registers.get('frameLimit'),
        framePeriodUs: registers.get('framePeriodUs'),
        rowsPerPacket: registers.get('rowsPerPacket'),
        minPhotons: registers.get('minPhotons'),
      },
      {
        renderer,
        packetizer,
        outlet,
        time,
        ticks: clock.ticks,
        telemetry: () => registers.block('telemetry'),
        frameThere: () => injector?.ready ?? true,
        frameDone: (ms) => this.sensors.measured(renderer.tally.total, renderer.tally.peak, ms),
      },
    );
    this.series = series;
    void series.run().then(() => (this.state = 'idle'));
  }
}

/** At least one row fits; FLIMD_E_CONFIG where not even one row can. */
function maxPayloadBytes(width: number, bins: number): number {
  const row = histogramRowBytes(width, bins);
  if (row <= PACKET_MAX_PAYLOAD_BYTES) return Math.max(DEFAULT_MAX_PAYLOAD_BYTES, row);
  throw new FlimdError('FLIMD_E_CONFIG', 'virtual camera: an image row does not fit a packet', {
    value: `${width} × ${bins} bins, ${row} bytes`,
    expected: `at most ${PACKET_MAX_PAYLOAD_BYTES} bytes`,
    action: 'use fewer bins or a narrower image',
  });
}
