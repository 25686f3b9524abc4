import { createSceneSource } from '../../src/camera-sim/built-in-scene.js';
import type { Device, DeviceRegisters } from '../../src/camera-sim/device.js';
import { DevicePort } from '../../src/camera-sim/device-port.js';
import { monotonicTime } from '../../src/camera-sim/device-time.js';
import { noFaults } from '../../src/camera-sim/faults.js';
import type { FramePlanes } from '../../src/camera-sim/frame-planes.js';
import { FrameRenderer, type LifetimeCore } from '../../src/camera-sim/frame-renderer.js';
import { KernelCore } from '../../src/camera-sim/lifetime-core.js';
import { defaultSimOptions, type SimOptions } from '../../src/camera-sim/options.js';
import type { PacketOutlet } from '../../src/camera-sim/packet-outlet.js';
import { VirtualCamera } from '../../src/camera-sim/virtual-camera.js';
import { planGates } from '../../src/lifetime/gate-plan.js';
import { loadNamedModel } from '../../src/lifetime/model-library.js';
import { createKernel, nativeCrc32c } from '../../src/lifetime/native.js';
import { DeviceOutput } from '../../src/protocol/registers.js';

/** Where the real virtual camera is made to go wrong; everything else of it is as it always is. */
export interface Flaws {
  core?(sound: LifetimeCore): LifetimeCore;
  registers?(sound: DeviceRegisters, camera: VirtualCamera): DeviceRegisters;
  outlet?(sound: PacketOutlet, camera: VirtualCamera): PacketOutlet;
  /** Something done to the camera before anybody sees it. */
  camera?(camera: VirtualCamera): void;
}

export interface FlawedDeviceOptions extends Partial<Omit<SimOptions, 'faults'>> {
  faults?: Partial<SimOptions['faults']>;
}

export const MODEL = 'cells-12.5ns-16';

/** The real virtual camera with a real network, small and with everything that it can send, and with flaws. */
export async function flawedDevice(
  flaws: Flaws = {},
  { faults, ...changes }: FlawedDeviceOptions = {},
): Promise<DevicePort> {
  const options = { ...defaultSimOptions(), width: 16, height: 12, fps: 100, photons: 200, ...changes };
  const source = createSceneSource(options);
  const model = await loadNamedModel(MODEL);
  const sound = new KernelCore(model, createKernel(model.network, planGates(model.timing, source)));
  const camera = new VirtualCamera({
    identity: { serial: 'SIM-FLAWED', bitstreamId: new Uint8Array(16).fill(0x5a), firmwareVersion: 0x010203 },
    renderer: new FrameRenderer(source, flaws.core?.(sound) ?? sound, options.cacheFrames),
    outputs: DeviceOutput.lifetimes | DeviceOutput.histograms | DeviceOutput.standardErrors,
    framePeriodUs: options.fps === 0 ? 0 : Math.round(1e6 / options.fps),
    time: monotonicTime,
    crc: nativeCrc32c,
  });
  flaws.camera?.(camera);
  return new DevicePort(withFlaws(camera, flaws), {
    linkLimitBytes: options.linkLimitBytes,
    faults: faults ? { ...noFaults, seed: options.seed, stallMs: options.stallMs, ...faults } : null,
    crc: nativeCrc32c,
  });
}

function withFlaws(camera: VirtualCamera, flaws: Flaws): Device {
  const registers = flaws.registers?.(camera.registers, camera) ?? camera.registers;
  const attachData = (outlet: PacketOutlet): void =>
    camera.attachData(flaws.outlet?.(outlet, camera) ?? outlet);
  return new Proxy<Device>(camera, {
    get(target, key) {
      if (key === 'registers') return registers;
      if (key === 'attachData') return attachData;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (target, key, value) => Reflect.set(target, key, value),
  });
}

/** A core that goes wrong in some pixels, behind the sound one. */
export function spoiledCore(
  sound: LifetimeCore,
  spoil: (planes: FramePlanes, pixel: number, counts: Uint16Array) => void,
): LifetimeCore {
  return {
    modelHash: sound.modelHash,
    minPhotons: sound.minPhotons,
    compute(planes, firstRow, rowCount, minPhotons) {
      sound.compute(planes, firstRow, rowCount, minPhotons);
      const { width, bins, histograms } = planes;
      for (let pixel = firstRow * width; pixel < (firstRow + rowCount) * width; pixel++) {
        spoil(planes, pixel, histograms.subarray(pixel * bins, (pixel + 1) * bins));
      }
    },
  };
}
