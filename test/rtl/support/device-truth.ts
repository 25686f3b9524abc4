import type { Random } from '../../../src/random/random.js';

/** The image that the device's bench is built for: 12 × 7 pixels of 8 bins fill 168 of the 256 words of a half. */
export const geometry = { width: 12, height: 7, bins: 8 };
const pixels = geometry.width * geometry.height;

export interface Exposure {
  /** Pixel and bin of each event, one after the other. */
  events: Uint32Array;
  histograms: Uint16Array;
}

/** An exposure with up to `most` events, of which some come in runs to the same bin. */
export function randomExposure(random: Random, most = 600): Exposure {
  const count = random.below(most + 1);
  const events = new Uint32Array(2 * count);
  const histograms = new Uint16Array(pixels * geometry.bins);
  for (let i = 0; i < count; i++) {
    const again = i > 0 && random.below(3) === 0;
    const pixel = again ? events[2 * i - 2]! : random.below(pixels);
    const bin = again ? events[2 * i - 1]! : random.below(geometry.bins);
    events.set([pixel, bin], 2 * i);
    histograms[pixel * geometry.bins + bin]!++;
  }
  return { events, histograms };
}

/** What firmware/tb/core_stand_in.h makes of histograms, as planes in wire order. */
export function standInPlanes(histograms: Uint16Array, minPhotons: number): (Uint16Array | Uint32Array)[] {
  const amplitude = new Uint16Array(pixels);
  const intensity = new Uint16Array(pixels);
  const photons = new Uint32Array(pixels);
  const errorAmplitude = new Uint16Array(pixels);
  const errorIntensity = new Uint16Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    let sum = 0;
    let weighted = 0;
    for (let bin = 0; bin < geometry.bins; bin++) {
      const count = histograms[pixel * geometry.bins + bin]!;
      sum += count;
      weighted += count * (bin + 1);
    }
    photons[pixel] = sum;
    if (sum < minPhotons) continue;
    amplitude[pixel] = weighted;
    intensity[pixel] = weighted ^ sum;
    errorAmplitude[pixel] = sum * 7 + 1;
    errorIntensity[pixel] = sum * 13 + 2;
  }
  return [amplitude, intensity, photons, errorAmplitude, errorIntensity];
}

/** The file of exposures that the bench reads. */
export function exposuresFile(exposures: readonly Exposure[]): Uint8Array {
  const words = exposures.flatMap(({ events }) => [events.length / 2, ...events]);
  return new Uint8Array(Uint32Array.from(words).buffer);
}

/** The file of injected frames that the bench reads; a frame may have any length. */
export function injectedFile(frames: readonly Uint8Array[]): Uint8Array {
  const parts = frames.flatMap((bytes) => [new Uint8Array(Uint32Array.of(bytes.length).buffer), bytes]);
  return Buffer.concat(parts);
}

export const bytesOf = (plane: Uint16Array | Uint32Array): Uint8Array =>
  new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength);
