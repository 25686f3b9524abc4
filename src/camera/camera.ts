import { carriesInjection, type LinkTarget } from '../link/index.js';
import type { FlimdError } from '../protocol/errors.js';
import { DeviceCommand, register } from '../protocol/registers.js';
import type { CameraDescription } from '../protocol/stream.js';
import { readDescription } from './camera-description.js';
import { DeviceClock } from './device-clock.js';
import { type DeviceCounters, type DeviceHealth, readCounters, readHealth } from './device-health.js';
import { type Diagnostics, readDiagnostics } from './diagnostics.js';
import { injectedFrame } from './injection.js';
import type { RegisterBusOptions } from './register-bus.js';
import { readBlock } from './register-values.js';
import { openRegisters, type RegisterAccess, type Registers } from './registers.js';
import { type ArmSettings, checkOutput, writeSettings } from './series-settings.js';
import { SideChannels } from './side-channels.js';
import { type Telemetry, telemetryFrom } from './telemetry.js';

export interface CameraOptions extends RegisterBusOptions {
  /** Address for the description, as the user wrote it. */
  uri?: string;
  /** Time between readings of the device clock, ms. */
  clockSyncMs?: number;
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
    checkOutput(settings.output, this.description);
    await writeSettings(this.bus, settings);
    // Sticky over series: from here on they speak of this one.
    if (this.hasDiagnostics) await this.bus.write(register('errorFlags').address, [0xffff_ffff]);
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
  readCounters(): Promise<DeviceCounters> {
    return readCounters(this.bus);
  }

  readState(): Promise<DeviceHealth> {
    return readHealth(this.bus);
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

  private command(name: keyof typeof DeviceCommand): Promise<void> {
    return this.bus.write(register('command').address, [DeviceCommand[name]]);
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
