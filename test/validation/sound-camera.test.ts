import { beforeAll, describe, expect, it } from 'vitest';
import { createDevice } from '../../src/camera-sim/create-device.js';
import { parseSimOptions } from '../../src/camera-sim/options.js';
import { register } from '../../src/protocol/registers.js';
import { describeWithFuse } from '../links/support/fuse.js';
import { flawedDevice, MODEL } from '../support/flawed-device.js';
import { buildRtlAddon } from '../support/rtl-addon.js';
import { describeWithTool } from '../support/tools.js';
import { validateOverNodes, validateOverTcp, verdictsOf } from './validate-device.js';

const all = [
  'identity',
  'model',
  'registers',
  'injected-frames',
  'sensor-frames',
  'run-control',
  'clock',
  'rate',
];
const allPassed = Object.fromEntries(all.map((name) => [name, 'passed']));
const figuresOf = (report: { checks: { name: string; figures: object }[] }, name: string) =>
  report.checks.find((check) => check.name === name)!.figures;

describe('a sound camera', () => {
  it('passes over a link that does not inject, which is said', async () => {
    const report = await validateOverTcp(await flawedDevice(), { options: { clockPpm: 50_000 } });
    expect(verdictsOf(report)).toEqual({ ...allPassed, 'injected-frames': 'skipped' });
    expect(report).toMatchObject({ verdict: 'passed', model: { name: MODEL } });
    const injected = report.checks.find(({ name }) => name === 'injected-frames')!;
    expect(injected.why).toMatch(/carries no histograms.*USB and PCIe/);
    const { framesPerSecond, megabytesPerSecond } = figuresOf(report, 'rate') as Record<string, number>;
    // Histograms of 64 bins are most of a frame.
    expect((megabytesPerSecond! * 1e6) / framesPerSecond!).toBeGreaterThan(16 * 12 * 64 * 2);
    expect((megabytesPerSecond! * 1e6) / framesPerSecond!).toBeLessThan(16 * 12 * 64 * 2.5);
    expect(figuresOf(report, 'sensor-frames')).toMatchObject({
      framesCompared: 18,
      pixelsCompared: 18 * 16 * 12,
      pixelsDiffering: 0,
    });
  });

  it('is left idle, with the configuration that it had', async () => {
    const address = register('framePeriodUs').address;
    await validateOverTcp(await flawedDevice(), {
      only: ['registers', 'run-control'],
      before: (camera) => camera.registers.write(address, [12_345]),
      after: async (camera) => {
        expect(await camera.registers.read(address, 1)).toEqual(Uint32Array.of(12_345));
        expect(await camera.readState()).toEqual({ state: 'idle', fault: 'none' });
      },
    });
  });

  it('without a network passes what can be judged, and says what cannot', async () => {
    const options = { width: '16', height: '12', fps: '100', outputs: 'histograms' };
    const report = await validateOverTcp(await createDevice(parseSimOptions(options)), {
      only: ['identity', 'model', 'sensor-frames', 'run-control'],
    });
    expect(report.verdict).toBe('passed');
    expect(verdictsOf(report)).toMatchObject({ model: 'skipped', 'sensor-frames': 'skipped' });
    expect(report.checks[1]!.why).toContain('no network');
  });

  it('that sends lifetimes only passes, but for the comparison that needs histograms', async () => {
    const options = { width: '16', height: '12', fps: '100', outputs: 'lifetimes' };
    const report = await validateOverTcp(await createDevice(parseSimOptions(options)), {
      only: ['identity', 'model', 'registers', 'sensor-frames', 'run-control', 'rate'],
    });
    expect(report.verdict).toBe('passed');
    expect(report.checks[3]).toMatchObject({
      verdict: 'skipped',
      why: expect.stringContaining('histograms'),
    });
  });
});

describeWithTool(['verilator', 'g++'], 'the Verilog of the bitstream', () => {
  beforeAll(buildRtlAddon, 300_000);

  it('passes as a camera, but for injection, which its simulated link does not carry', async () => {
    const options = { core: 'rtl', width: '16', height: '16', photons: '40', fps: '10' };
    const report = await validateOverTcp(await createDevice(parseSimOptions(options)), {
      options: { frames: 4, clockPpm: 50_000 },
    });
    expect(report.checks.map(({ why }) => why).filter((why) => why !== null)).toEqual([
      expect.stringContaining('carries no histograms'),
    ]);
    expect(figuresOf(report, 'sensor-frames')).toMatchObject({ framesCompared: 4, pixelsDiffering: 0 });
  });
});

describeWithFuse('a sound camera that can be injected', () => {
  it('passes everything', async () => {
    const report = await validateOverNodes(await flawedDevice(), { options: { clockPpm: 50_000 } });
    expect(verdictsOf(report)).toEqual(allPassed);
    expect(figuresOf(report, 'injected-frames')).toMatchObject({
      lifetimeFramesCompared: 18,
      histogramFramesCompared: 18,
      pixelsCompared: 18 * 16 * 12,
      referencePixels: 18 * 16,
      kinds: expect.arrayContaining(['decays', 'saturated', 'around minPhotons']),
    });
  });

  it.each([
    ['the lifetime core of the bitstream', { core: 'hls' }],
    ['lifetimes without histograms', { outputs: 'lifetimes' }],
    ['no standard errors', { standardErrors: 'false' }],
    ['histograms alone', { outputs: 'histograms' }],
    ['bins that are filled up', { bins: '50', binWidthPs: '250' }],
  ])('passes with %s', async (_, changes) => {
    const options = parseSimOptions({ width: '16', height: '12', fps: '100', ...changes });
    const report = await validateOverNodes(await createDevice(options), {
      only: ['injected-frames'],
      after: async (camera) => {
        // Injected frames that never come would be waited for.
        const source = await camera.registers.read(register('histogramSource').address, 1);
        expect(source).toEqual(Uint32Array.of(0));
      },
    });
    expect(report.checks[0]!.why).toBeNull();
    expect(verdictsOf(report)).toEqual({ 'injected-frames': 'passed' });
  });
});
