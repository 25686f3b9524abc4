import { Acquisition } from '../../../src/acquisition/acquisition.js';
import { checkConservation } from '../../../src/acquisition/run-counters.js';
import type { DevicePort } from '../../../src/camera-sim/device-port.js';
import { type XdmaOptions, XdmaServer } from '../../../src/camera-sim/xdma/xdma-server.js';
import { Camera } from '../../../src/camera/camera.js';
import type { ArmSettings } from '../../../src/camera/series-settings.js';
import type { LinkTarget, PcieTarget } from '../../../src/link/index.js';
import type { RunCounters } from '../../../src/protocol/stream.js';
import { nodeFolder } from './fuse.js';

/** For afterEach: what a test has opened, closed in the opposite order. */
export class Opened {
  private readonly closing: (() => unknown)[] = [];

  add(close: () => unknown): void {
    this.closing.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.closing.splice(0).reverse()) await close();
  }

  async serve(port: DevicePort, options?: Partial<XdmaOptions>): Promise<XdmaServer> {
    const server = await XdmaServer.mount(port, nodeFolder(), options);
    this.add(() => server.close());
    return server;
  }

  /** Camera and acquisition of a daemon. */
  async connect(target: LinkTarget): Promise<Host> {
    const acquisition = await Acquisition.start({ poolSlots: 64 });
    this.add(() => acquisition.close());
    const camera = await Camera.open(target, { requestTimeoutMs: 20_000 });
    this.add(() => camera.close());
    await acquisition.connect(target);
    return new Host(acquisition, camera);
  }
}

export const targetOf = ({ device }: XdmaServer): PcieTarget => ({ kind: 'pcie', device });

/** The planes of a frame, copied. */
export type FrameCopy = Uint8Array[];

const bytesOf = (plane: Uint16Array | Uint32Array): Uint8Array =>
  Uint8Array.from(Buffer.from(plane.buffer, plane.byteOffset, plane.byteLength));

export class Host {
  readonly frames = new Map<number, FrameCopy>();
  private ended!: Promise<unknown>;

  constructor(
    readonly acquisition: Acquisition,
    readonly camera: Camera,
  ) {}

  /** Arms and starts; frames are kept as they come. */
  async start(settings: ArmSettings): Promise<void> {
    const { acquisition, camera, frames } = this;
    const { series, output } = settings;
    frames.clear();
    const expect = {
      lifetimes: (output & 1) !== 0,
      histograms: (output & 2) !== 0,
      standardErrors: (output & 4) !== 0,
    };
    const pool = await acquisition.beginSeries({ series, geometry: camera.description, expect });
    acquisition.removeAllListeners('frame');
    acquisition.on('frame', ({ slot, frame }) => {
      const { device, histograms } = pool.slots[slot]!;
      const planes = [...Object.values(device), ...(expect.histograms ? [histograms] : [])];
      frames.set(frame, planes.map(bytesOf));
      acquisition.release(slot);
    });
    this.ended = new Promise((resolve) => acquisition.once('endOfSeries', resolve));
    await camera.arm(settings);
    await camera.start();
  }

  /** The counters of a series that ends by itself, and its laws. */
  async finish(): Promise<{ counters: RunCounters; lawsHold: boolean }> {
    await this.ended;
    return this.collect();
  }

  async collect(): Promise<{ counters: RunCounters; lawsHold: boolean }> {
    const { packetsSent, framesSent, framesDropped } = await this.camera.readCounters();
    return this.end({ packetsSent, framesSent, framesDroppedByDevice: framesDropped });
  }

  /** Of a camera that cannot be asked any more. */
  collectUnknown(): Promise<{ counters: RunCounters; lawsHold: boolean }> {
    return this.end({ packetsSent: null, framesSent: 0, framesDroppedByDevice: 0 });
  }

  private async end(totals: Parameters<Acquisition['endSeries']>[0]) {
    const counters = await this.acquisition.endSeries(totals);
    return { counters, lawsHold: checkConservation(counters).every(({ holds }) => holds) };
  }
}
