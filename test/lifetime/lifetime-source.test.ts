import { describe, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import type { LifetimeMaps } from '../../src/lifetime/lifetime-job.js';
import {
  DeviceLifetimes,
  type FramePlanes,
  HostLifetimes,
  ShadowLifetimes,
  selectSource,
} from '../../src/lifetime/lifetime-source.js';
import type { ModelPackage } from '../../src/lifetime/model-package.js';
import { createKernel } from '../../src/lifetime/native.js';
import { FlimdError } from '../../src/protocol/errors.js';
import { evenPlan, randomHistograms } from '../support/random-histograms.js';
import { randomNetwork } from '../support/random-network.js';

const size = { width: 6, height: 4, bins: 8 };
const pixels = size.width * size.height;
const random = new Random(1);
const network = randomNetwork(random, { gates: 8, hidden: 8, head: 8 }, 'trained');
const kernel = createKernel(network, evenPlan(8, 1));
const options = { kernel, minPhotons: 1, threads: 1 };

const emptyMaps = (): LifetimeMaps => ({
  lifetimeAmplitude: new Uint16Array(pixels),
  lifetimeIntensity: new Uint16Array(pixels),
  standardErrorAmplitude: new Uint16Array(pixels),
  standardErrorIntensity: new Uint16Array(pixels),
  photons: new Uint32Array(pixels),
});

/** A frame whose device lifetimes come from the same network. */
function frame(rowsValid = new Uint8Array(size.height).fill(1)): FramePlanes {
  const histograms = randomHistograms(random, pixels, size.bins);
  const device = emptyMaps();
  kernel.computeSync({ histograms, pixels, bins: size.bins, minPhotons: 1, ...device });
  return { device, host: emptyMaps(), histograms, rowsValid };
}

describe('sources', () => {
  it('device hands on what the camera sent', async () => {
    const planes = frame();
    const result = await new DeviceLifetimes().lifetimesOf(planes);
    expect(result).toEqual({ planes: planes.device, mismatchedPixels: null });
    expect(result.planes).toBe(planes.device);
  });

  it('host computes into its own planes', async () => {
    const planes = frame();
    const result = await new HostLifetimes(options).lifetimesOf(planes, size);
    expect(result.planes).toBe(planes.host);
    expect(result.mismatchedPixels).toBeNull();
    expect(planes.host).toEqual(planes.device);
  });

  it('host leaves rows that did not arrive at zero', async () => {
    const planes = frame(Uint8Array.of(1, 0, 1, 1));
    await new HostLifetimes(options).lifetimesOf(planes, size);
    expect(planes.host.photons.subarray(6, 12)).toEqual(new Uint32Array(6));
    expect(planes.host.photons.subarray(12)).toEqual(planes.device.photons.subarray(12));
  });

  it('host takes one thread per processor where 0 are asked for', async () => {
    const planes = frame();
    await new HostLifetimes({ ...options, threads: 0 }).lifetimesOf(planes, size);
    expect(planes.host).toEqual(planes.device);
  });

  it('shadow hands on the device and finds no difference between equal networks', async () => {
    const planes = frame();
    const result = await new ShadowLifetimes(options, true).lifetimesOf(planes, size);
    expect(result.planes).toBe(planes.device);
    expect(result.mismatchedPixels).toBe(0);
  });

  it('shadow counts a pixel once, whichever of its values differ, and only in rows that arrived', async () => {
    const planes = frame(Uint8Array.of(1, 1, 0, 1));
    planes.device.lifetimeAmplitude[0]! ^= 1;
    planes.device.lifetimeIntensity[0]! ^= 1;
    planes.device.lifetimeIntensity[7]! ^= 1;
    planes.device.photons[23]! ^= 1;
    planes.device.photons[13]! ^= 1; // row 2, which did not arrive
    expect((await new ShadowLifetimes(options, true).lifetimesOf(planes, size)).mismatchedPixels).toBe(3);
  });

  it('shadow compares standard errors where the device sends them', async () => {
    const planes = frame();
    planes.device.standardErrorAmplitude[3]! ^= 1;
    planes.device.standardErrorIntensity[5]! ^= 1;
    expect((await new ShadowLifetimes(options, true).lifetimesOf(planes, size)).mismatchedPixels).toBe(2);
    planes.device.standardErrorAmplitude.fill(0);
    planes.device.standardErrorIntensity.fill(0);
    expect((await new ShadowLifetimes(options, false).lifetimesOf(planes, size)).mismatchedPixels).toBe(0);
  });
});

describe('selectSource', () => {
  const hash = '0123456789abcdef';
  const model = { hash: hash.padEnd(64, '0') } as ModelPackage;
  const both = { outputs: ['lifetimes', 'histograms'] as const, modelHash: hash };
  const camera = (abilities: {
    outputs: readonly ('lifetimes' | 'histograms')[];
    modelHash: string | null;
  }) => ({
    ...abilities,
    outputs: [...abilities.outputs],
  });
  const onlyHistograms = camera({ outputs: ['histograms'], modelHash: null });
  const onlyLifetimes = camera({ outputs: ['lifetimes'], modelHash: hash });

  it('takes the mode that was asked for where the camera can', () => {
    const choice = (mode: 'device' | 'host' | 'shadow') => selectSource(mode, camera(both), model);
    expect(choice('device')).toMatchObject({
      source: 'device',
      needsDeviceLifetimes: true,
      needsHost: false,
    });
    expect(choice('host')).toMatchObject({ source: 'host', needsDeviceLifetimes: false, needsHost: true });
    expect(choice('shadow')).toMatchObject({ source: 'device', needsDeviceLifetimes: true, needsHost: true });
    for (const mode of ['device', 'host', 'shadow'] as const) expect(choice(mode).reason).toBeNull();
  });

  it('lets the host compute, and says why, where the camera has no network', () => {
    const choice = selectSource('device', onlyHistograms, model);
    expect(choice).toMatchObject({ source: 'host', needsDeviceLifetimes: false, needsHost: true });
    expect(choice.reason).toContain('no network');
  });

  const codeOf = (...choice: Parameters<typeof selectSource>) => {
    try {
      selectSource(...choice);
    } catch (error) {
      return (error as FlimdError).code;
    }
    return null;
  };

  it('refuses what the camera cannot send', () => {
    expect(codeOf('host', onlyLifetimes, model)).toBe('FLIMD_E_CAPABILITY');
    expect(codeOf('shadow', onlyLifetimes, model)).toBe('FLIMD_E_CAPABILITY');
    expect(codeOf('shadow', onlyHistograms, model)).toBe('FLIMD_E_CAPABILITY');
  });

  it('compares only equal models', () => {
    expect(codeOf('shadow', { ...camera(both), modelHash: 'fedcba9876543210' }, model)).toBe(
      'FLIMD_E_MODEL_HASH',
    );
    expect(codeOf('shadow', camera(both), null)).toBe('FLIMD_E_MODEL_HASH');
  });
});
