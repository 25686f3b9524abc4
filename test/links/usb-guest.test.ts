import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSceneSource } from '../../src/camera-sim/built-in-scene.js';
import { createDevice } from '../../src/camera-sim/index.js';
import { FrameRenderer } from '../../src/camera-sim/frame-renderer.js';
import { KernelCore } from '../../src/camera-sim/lifetime-core.js';
import { parseSimOptions, type SimOptions } from '../../src/camera-sim/options.js';
import { UsbIpServer } from '../../src/camera-sim/usbip/usbip-server.js';
import { planGates } from '../../src/lifetime/gate-plan.js';
import { fittingModel } from '../../src/lifetime/model-library.js';
import { createKernel } from '../../src/lifetime/native.js';
import type { FoundDevice } from '../../src/link/discovery.js';
import { REGISTER_MAP_MAGIC } from '../../src/protocol/registers.js';
import type { EndMessage } from '../../src/protocol/stream.js';
import type { UsbSpeed } from '../../src/protocol/usb.js';
import type { ValidationReport } from '../../src/validation/index.js';
import { missingForGuest } from './guest/guest.js';
import { GuestReport } from './guest/guest-report.js';

const BOOT_AND_RUN_MS = 900_000;
const speeds: readonly UsbSpeed[] = ['high', 'super'];
const optionsOf = (speed: UsbSpeed): SimOptions =>
  parseSimOptions({
    width: '64',
    height: '48',
    fps: '20',
    photons: '150',
    seed: speed === 'high' ? '7' : '8',
  });
const serialOf = (speed: UsbSpeed): string => (speed === 'high' ? 'SIM-00000007' : 'SIM-00000008');

interface SeenFrame {
  series: number;
  frame: number;
  complete: boolean;
  hash: string;
}

/** The planes that the camera makes of a frame, without any link. */
async function sourceHashes(speed: UsbSpeed, frames: number): Promise<string[]> {
  const source = createSceneSource(optionsOf(speed));
  const model = (await fittingModel({ ...source, modelHash: null }))!;
  const core = new KernelCore(model, createKernel(model.network, planGates(model.timing, source)));
  const renderer = new FrameRenderer(source, core, 0);
  return Array.from({ length: frames }, (_, frame) => {
    renderer.begin(frame, core.minPhotons);
    renderer.rows(0, source.height);
    const { lifetimeAmplitude, lifetimeIntensity, photons } = renderer.planes;
    const hash = createHash('sha256');
    for (const plane of [lifetimeAmplitude, lifetimeIntensity, photons]) {
      hash.update(new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength));
    }
    return hash.digest('hex');
  });
}

const missing = missingForGuest();
if (missing && !process.env.CI) console.log(`skipped: USB cameras in a guest (${missing})`);

describe.skipIf(missing !== null && !process.env.CI)('USB cameras on a real kernel', () => {
  const servers = new Map<UsbSpeed, UsbIpServer>();
  const report = new GuestReport(({ what, speed }) => {
    if (what === 'pull') servers.get(speed as UsbSpeed)!.unplug();
  });
  const said = (what: string, speed?: UsbSpeed): any => report.said(what, speed && { speed });

  beforeAll(async () => {
    if (missing) throw new Error(missing);
    for (const speed of speeds) {
      const device = await createDevice(optionsOf(speed));
      servers.set(speed, await UsbIpServer.listen(device, { host: '127.0.0.1', tcpPort: 0, speed }));
    }
    const args = speeds.map((speed) => `${speed}:${servers.get(speed)!.address.port}:${serialOf(speed)}`);
    await report.run(
      { run: 'test/links/guest/usb-check.mjs', args, modules: ['vhci-hcd'] },
      BOOT_AND_RUN_MS - 10_000,
    );
  }, BOOT_AND_RUN_MS);

  afterAll(async () => {
    for (const server of servers.values()) await server.close();
  });

  it.each(speeds)('are enumerated at %s speed, and announced', (speed) => {
    const { usb, found, kernelSpeeds } = said('enumerated', speed);
    expect(usb).toBe(speed === 'super' ? 0x0320 : 0x0200);
    expect(kernelSpeeds).toContain(speed === 'super' ? '5000' : '480');
    expect(found).toEqual([
      expect.objectContaining({
        uri: `usb:serial=${serialOf(speed)}`,
        link: 'usb',
        serial: serialOf(speed),
        problem: null,
      }),
    ]);
    expect(said('detached', speed).left).toBe(0);
  });

  it.each(speeds)('answer register requests, and say why they refuse one, at %s speed', (speed) => {
    const { identity, series, refused } = said('registers', speed);
    expect(identity[0]).toBe(REGISTER_MAP_MAGIC);
    expect(series).toBe(77);
    expect(refused.write).toEqual({
      code: 'FLIMD_E_LINK_REFUSED',
      message: 'the camera refused: register mapMagic is read-only',
    });
    expect(refused.address.message).toContain('no register at address 0x7f0');
  });

  it.each(speeds)('go from one user of an interface to the next at %s speed', (speed) => {
    expect(said('handover', speed).lost).toEqual([]);
  });

  it.each(speeds)('measure injected histograms, and tell of events, at %s speed', (speed) => {
    expect(said('injected', speed)).toMatchObject({ same: true, errorFlags: 0, lost: [] });
    const { refused, events } = said('injected', speed);
    expect(refused).toEqual({
      code: 'FLIMD_E_LINK_REFUSED',
      message: 'the camera refused: histogramSource is 0, the sensor: no histograms are taken',
    });
    // The state at the beginning, and armed, acquiring and idle where the host looked in time.
    expect(events).toBeGreaterThanOrEqual(2);
  });

  it('pass flimd validate, with injected frames', () => {
    const { status, report } = said('validated', 'super') as { status: number; report: ValidationReport };
    expect(report.checks.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    expect(status).toBe(0);
    expect(report.checks.find(({ name }) => name === 'injected-frames')).toMatchObject({
      verdict: 'passed',
      figures: { lifetimeFramesCompared: 18, histogramFramesCompared: 18, pixelsDiffering: 0 },
    });
  });

  it.each(speeds)('bring every frame bit for bit at %s speed', async (speed) => {
    const { frames, end } = said('frames', speed) as { frames: SeenFrame[]; end: EndMessage };
    expect(frames.map(({ frame }) => frame)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(frames.map(({ hash }) => hash)).toEqual(await sourceHashes(speed, 8));
    expect(end.reason).toBe('completed');
    expect(end.conservation.every(({ holds }) => holds)).toBe(true);
    expect(end.counters).toMatchObject({ framesPublished: 8, packetsLost: 0, packetsInvalid: 0 });
  });

  it.each(speeds)('end their series in order when pulled out in mid-frame at %s speed', async (speed) => {
    const { frames, end, state } = said('unplugged', speed) as {
      frames: SeenFrame[];
      end: EndMessage;
      state: { name: string };
    };
    expect(end.reason).toBe('linkLost');
    expect(end.conservation.every(({ holds }) => holds)).toBe(true);
    expect(state.name).toBe('disconnected');
    const whole = frames.filter(({ complete }) => complete);
    const source = await sourceHashes(speed, Math.max(...whole.map(({ frame }) => frame)) + 1);
    for (const { frame, hash } of whole) expect(hash).toBe(source[frame]);
  });

  it.each(speeds)('go on with a new series when plugged in again at %s speed', (speed) => {
    const { frames, lostSeries } = said('replugged', speed) as { frames: SeenFrame[]; lostSeries: number };
    expect(frames.length).toBeGreaterThanOrEqual(2);
    for (const { series } of frames) expect(series).toBeGreaterThan(lostSeries);
    expect(said('stopped', speed).status).toBe(0);
  });

  it('tell an ordinary user which udev rule is missing, and open for its group once it is there', () => {
    const facts = said('ordinaryUser');
    const [without] = facts.without as FoundDevice[];
    expect(without).toMatchObject({ serial: 'SIM-00000007', problem: { code: 'FLIMD_E_LINK_OPEN' } });
    expect(without!.problem!.action).toContain('packaging/udev/70-flimd.rules');
    expect(facts.with).toMatchObject([{ serial: 'SIM-00000007', problem: null }]);
  });

  it.each(speeds)('say who has them while they are in use at %s speed', (speed) => {
    const { problem } = said('frames', speed).inUse as FoundDevice;
    expect(problem?.message).toMatch(/another program has the USB camera: .*\(\d+\)/);
  });

  it('are told apart by their serial numbers', () => {
    const { found, none } = said('both');
    expect((found as FoundDevice[]).map(({ serial }) => serial).sort()).toEqual(speeds.map(serialOf));
    expect(none).toMatchObject({ code: 'FLIMD_E_LINK_OPEN', message: 'there are 2 USB cameras' });
  });
});
