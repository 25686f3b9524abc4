import { createSceneSource } from '../../src/camera-sim/built-in-scene.js';
import { DevicePort } from '../../src/camera-sim/device-port.js';
import { monotonicTime } from '../../src/camera-sim/device-time.js';
import { noFaults } from '../../src/camera-sim/faults.js';
import type { FaultPlan } from '../../src/camera-sim/faulty-outlet.js';
import type { FramePlanes } from '../../src/camera-sim/frame-planes.js';
import { FrameRenderer, type LifetimeCore } from '../../src/camera-sim/frame-renderer.js';
import { defaultSimOptions, type SimOptions } from '../../src/camera-sim/options.js';
import { VirtualCamera } from '../../src/camera-sim/virtual-camera.js';
import { crc32c } from '../../src/protocol/crc32c.js';
import { DeviceOutput } from '../../src/protocol/registers.js';

/** In place of a network: the mean bin of a pixel's photons, and its double. Quick, and it needs no model. It has no standard errors. */
class MeanBinCore implements LifetimeCore {
  readonly modelHash = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  readonly minPhotons = 1;

  compute(planes: FramePlanes, firstRow: number, rowCount: number): void {
    const { width, bins, histograms, lifetimeAmplitude, lifetimeIntensity, photons } = planes;
    for (let pixel = firstRow * width; pixel < (firstRow + rowCount) * width; pixel++) {
      let count = 0;
      let weighted = 0;
      for (let bin = 0; bin < bins; bin++) {
        const here = histograms[pixel * bins + bin]!;
        count += here;
        weighted += here * (bin + 1);
      }
      photons[pixel] = count;
      lifetimeAmplitude[pixel] = count === 0 ? 0 : Math.round((100 * weighted) / count);
      lifetimeIntensity[pixel] = 2 * lifetimeAmplitude[pixel]!;
    }
  }
}

export interface VirtualDeviceOptions extends Partial<Omit<SimOptions, 'faults'>> {
  faults?: Partial<FaultPlan>;
  serial?: string;
}

/** The real virtual camera, small, with both outputs, ready for a transport. */
export function virtualDevice({
  faults,
  serial = 'SIM-TEST',
  ...changes
}: VirtualDeviceOptions = {}): DevicePort {
  const options = { ...defaultSimOptions(), width: 16, height: 16, bins: 8, ...changes };
  const camera = new VirtualCamera({
    identity: { serial, bitstreamId: new Uint8Array(16).fill(0x5a), firmwareVersion: 0x010203 },
    renderer: new FrameRenderer(createSceneSource(options), new MeanBinCore(), options.cacheFrames),
    outputs: DeviceOutput.lifetimes | DeviceOutput.histograms,
    framePeriodUs: options.fps === 0 ? 0 : Math.round(1e6 / options.fps),
    time: monotonicTime,
    crc: crc32c,
  });
  return new DevicePort(camera, {
    linkLimitBytes: options.linkLimitBytes,
    faults: faults ? { ...noFaults, seed: options.seed, stallMs: options.stallMs, ...faults } : null,
    crc: crc32c,
  });
}
