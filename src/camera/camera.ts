import { carriesInjection, type LinkTarget } from '../link/index.js';
import { FlimdError } from '../protocol/errors.js';
import {
  DeviceCommand,
  DeviceFault,
  DeviceOutput,
  DeviceState,
  HistogramSource,
  register,
  type RegisterName,
} from '../protocol/registers.js';
import type { CameraDescription } from '../protocol/stream.js';
import { readDescription } from './camera-description.js';
import { DeviceClock } from './device-clock.js';
import { type Diagnostics, readDiagnostics } from './diagnostics.js';
import { injectedFrame } from './injection.js';
import type { RegisterBusOptions } from './register-bus.js';
import { readBlock } from './register-values.js';
import { openRegisters, type RegisterAccess, type Registers } from './registers.js';
import { SideChannels } from './side-channels.js';
import { type Telemetry, telemetryFrom } from './telemetry.js';

export interface CameraOptions extends RegisterBusOptions {
  /** Address for the description, as the user wrote it. */
  uri?: string;
  /** Time between readings of the device clock, ms. */
  clockSyncMs?: number;
}

export interface ArmSettings {
  /** Series number, not 0. */
  series: number;
  /** Bit mask of DeviceOutput. */
  output: number;
  /** Frames to acquire; 0 = until stopped. */
  frameLimit: number;
  /** Time between frame starts, µs; 0 = as fast as it can. Without it the camera keeps its own. */
  framePeriodUs?: number;
  rowsPerPacket?: number;
  /** Not below the limit of the camera's own model. */
  minPhotons?: number;
  /** Frames from the sensor, or those that `inject` brings. Without it the camera keeps what it has. */
  histogramSource?: keyof typeof HistogramSource;
}

export interface DeviceCounters {
  packetsSent: number;
  framesSent: number;
  framesDropped: number;
}

export interface DeviceHealth {
  state: keyof typeof DeviceState;
  fault: keyof typeof DeviceFault;
}

const DEFAULT_CLOCK_SYNC_MS = 10_000;
const FIRST_CLOCK_READINGS = 8;
const CLOCK_READINGS = 4;

/** A camera over its control channel: what it is, what it does, and the commands that make it measure. */
export class Camera {
  /** Called once when the link breaks; every pending request has been rejected by then. */
  onLost: (error: FlimdError) => void = () => {};
  private readonly clockTimer: NodeJS.Timeout;

  private constructor(
    private readonly bus: Registers,
    private readonly side: SideChannels,
    readonly description: CameraDescription,
    private readonly clock: DeviceClock,
    readonly hasDiagnostics: boolean,
    /** Whether the link carries histograms to the camera; whether it takes them, `histogramSource` says. */
    readonly linkInjects: boolean,
    clockSyncMs: number,
  ) {
    // A reading that fails changes nothing; a broken link is reported by the bus.
    const synchronize = (): Promise<void> => clock.synchronize(CLOCK_READINGS).catch(() => {});
    this.clockTimer = setInterval(() => void synchronize(), clockSyncMs).unref();
    bus.onLost = (error) => this.lost(error);
  }

  /**
   * Connects and reads the description of the camera.
   * @throws FlimdError FLIMD_E_LINK_OPEN, _TIMEOUT, _REFUSED, _LOST, FLIMD_E_NOT_A_CAMERA, FLIMD_E_DEVICE
   */
  static async open(target: LinkTarget, options: CameraOptions = {}): Promise<Camera> {
    const bus = await openRegisters(target, options);
    try {
      const description = await readDescription(bus, options.uri ?? addressOf(target));
      const clock = new DeviceClock(description.tickHz, () => readTicks(bus));
      await clock.synchronize(FIRST_CLOCK_READINGS);
      const hasDiagnostics = (await readDiagnostics(bus)) !== null;
      const clockSyncMs = options.clockSyncMs ?? DEFAULT_CLOCK_SYNC_MS;
      const camera = new Camera(
        bus,
        new SideChannels(target),
        description,
        clock,
        hasDiagnostics,
        carriesInjection(target),
        clockSyncMs,
      );
      await camera.side.listen((error) => camera.lost(error));
      return camera;
    } catch (error) {
      await bus.close();
      throw error;
    }
  }

  /** The registers themselves, for who proves a camera: everything else has a method here. */
  get registers(): RegisterAccess {
    return this.bus;
  }

  /** Writes the settings of a series and arms. @throws FlimdError FLIMD_E_CAPABILITY, FLIMD_E_LINK_REFUSED */
  async arm(settings: ArmSettings): Promise<void> {
    this.checkOutput(settings.output);
    const { series, output, frameLimit, framePeriodUs, rowsPerPacket, minPhotons, histogramSource } =
      settings;
    const values: Partial<Record<RegisterName, number>> = {
      series,
      output,
      frameLimit,
      framePeriodUs,
      rowsPerPacket,
      minPhotons,
      histogramSource: histogramSource && HistogramSource[histogramSource],
    };
    for (const [name, value] of Object.entries(values)) {
      if (value !== undefined) await this.write(name as RegisterName, value);
    }
    // Sticky over series: from here on they speak of this one.
    if (this.hasDiagnostics) await this.write('errorFlags', 0xffff_ffff);
    await this.command('arm');
  }

  start(): Promise<void> {
    return this.command('start');
  }

  /** Ends the series after the frame that is being taken. */
  stop(): Promise<void> {
    return this.command('stop');
  }

  /** Ends the series at once. */
  abort(): Promise<void> {
    return this.command('abort');
  }

  disarm(): Promise<void> {
    return this.command('disarm');
  }

  /** What the camera has put on the link in the current or last series. */
  async readCounters(): Promise<DeviceCounters> {
    const counters = await readBlock(this.bus, 'counters');
    return {
      packetsSent: counters.number('packetsSent'),
      framesSent: counters.number('framesSent'),
      framesDropped: counters.number('framesDropped'),
    };
  }

  async readState(): Promise<DeviceHealth> {
    const status = await readBlock(this.bus, 'status');
    return {
      state: nameOf(DeviceState, status.number('state'), 'state'),
      fault: nameOf(DeviceFault, status.number('fault'), 'fault'),
    };
  }

  /** What went wrong in the camera in the current or last series; null where it does not say. */
  async readDiagnostics(): Promise<Diagnostics | null> {
    return this.hasDiagnostics ? readDiagnostics(this.bus) : null;
  }

  /**
   * Gives the camera a frame of histograms, `[row][x][bin]`, to be processed as if the sensor had measured it;
   * armed with `histogramSource: 'injected'` it waits for them. Resolves when the camera has taken it.
   * @throws FlimdError FLIMD_E_CAPABILITY, FLIMD_E_REQUEST, or of the link
   */
  async inject(histograms: Uint16Array): Promise<void> {
    await this.side.inject(injectedFrame(histograms, this.description));
  }

  /** The camera raised an interrupt: its diagnostics say why. Awaited before the next is told. */
  set onInterrupt(tell: () => Promise<void>) {
    this.side.onInterrupt = tell;
  }

  async telemetry(): Promise<Telemetry> {
    return telemetryFrom(await readBlock(this.bus, 'telemetry'));
  }

  /** Unix time by the host's clock at which the device clock stood at `ticks`, ms. */
  deviceTicksToUnixMs(ticks: number): number {
    return this.clock.toUnixMs(ticks);
  }

  /** How far `deviceTicksToUnixMs` may be off, ms. */
  get clockUncertaintyMs(): number {
    return this.clock.uncertaintyMs();
  }

  async close(): Promise<void> {
    clearInterval(this.clockTimer);
    await this.side.close();
    await this.bus.close();
  }

  private checkOutput(output: number): void {
    const offered = this.description.outputs;
    const names = Object.keys(DeviceOutput) as (keyof typeof DeviceOutput)[];
    const missing = names.filter((name) => (output & DeviceOutput[name]) !== 0 && !offered.includes(name));
    if (missing.length === 0) return;
    throw new FlimdError('FLIMD_E_CAPABILITY', `this camera cannot send ${missing.join(' and ')}`, {
      value: missing,
      expected: offered.join(' and '),
      action: missing.includes('lifetimes')
        ? 'let the host compute lifetimes: --lifetime host'
        : 'let the camera compute lifetimes: --lifetime device',
    });
  }

  private command(name: keyof typeof DeviceCommand): Promise<void> {
    return this.write('command', DeviceCommand[name]);
  }

  private write(name: RegisterName, value: number): Promise<void> {
    return this.bus.write(register(name).address, [value]);
  }

  private lost(error: FlimdError): void {
    clearInterval(this.clockTimer);
    this.onLost(error);
  }
}

async function readTicks(bus: RegisterAccess): Promise<number> {
  return (await readBlock(bus, 'status')).wide('ticks');
}

function addressOf(target: LinkTarget): string {
  switch (target.kind) {
    case 'tcp':
      return `tcp:${target.host}:${target.port}`;
    case 'memory':
      return 'sim:';
    case 'pcie':
      return `pcie:${target.device}`;
    case 'usb':
      return target.serial === null ? 'usb:' : `usb:serial=${encodeURIComponent(target.serial)}`;
  }
}

function nameOf<Names extends Record<string, number>>(
  names: Names,
  value: number,
  what: string,
): keyof Names {
  const name = Object.keys(names).find((key) => names[key] === value);
  if (name) return name;
  throw new FlimdError('FLIMD_E_DEVICE', `the camera reports the unknown ${what} ${value}`, {
    value,
    expected: Object.values(names).join(', '),
    action: 'use a camera whose bitstream fits this version of flimd',
  });
}
