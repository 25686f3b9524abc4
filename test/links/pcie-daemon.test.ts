import { constants } from 'node:os';
import { afterEach, expect, it, vi } from 'vitest';
import { createDevice } from '../../src/camera-sim/create-device.js';
import { parseSimOptions } from '../../src/camera-sim/options.js';
import type { DaemonStatus } from '../../src/protocol/stream.js';
import { FlimdProcess, stopAll } from '../support/flimd-process.js';
import { describeWithFuse, nodeFolder } from './support/fuse.js';
import { Opened } from './support/xdma-host.js';

const opened = new Opened();
afterEach(async () => {
  await stopAll();
  await opened.close();
});

const small = { width: '32', height: '32', fps: '50', cacheFrames: '4' };
const quick = ['--port', '0', '--set', 'reconnect.initialMs=50', '--set', 'reconnect.maxMs=200'];

const statusOf = async ({ ready }: FlimdProcess): Promise<DaemonStatus> =>
  (await (await fetch(new URL('api/v1/status', `${ready.url}/`))).json()) as DaemonStatus;

const running = async (daemon: FlimdProcess): Promise<boolean> =>
  ((await statusOf(daemon)).series?.counters.framesPublished ?? 0) > 3;

describeWithFuse('a daemon with a camera on PCIe', () => {
  it('measures, ends its series when the board goes, and begins a new one when it is back', async () => {
    const server = await opened.serve(await createDevice(parseSimOptions(small)));
    const daemon = await FlimdProcess.start(['serve', '--camera', `pcie:${server.device}`, ...quick]);
    await vi.waitUntil(() => running(daemon), { timeout: 15_000, interval: 100 });
    const first = (await statusOf(daemon)).series!.id;
    server.unplug();
    await vi.waitUntil(async () => (await statusOf(daemon)).lastRun, { timeout: 15_000, interval: 50 });
    const { lastRun, state } = await statusOf(daemon);
    expect(lastRun).toMatchObject({ id: first, reason: 'linkLost' });
    expect(lastRun!.conservation.every(({ holds }) => holds)).toBe(true);
    // Tried again every now and then; why it failed is told in between.
    expect(['disconnected', 'initializing']).toContain(state.name);
    const failed = await vi.waitUntil(async () => (await statusOf(daemon)).state.error, { timeout: 15_000 });
    expect(failed.code).toMatch(/FLIMD_E_LINK_(LOST|OPEN)/);
    server.plug();
    await vi.waitUntil(() => running(daemon), { timeout: 15_000, interval: 100 });
    expect((await statusOf(daemon)).series!.id).toBeGreaterThan(first);
    expect(await daemon.stop()).toBe(0);
  });

  it('tries again when the DMA engine fails at once, before the camera is taken into use', async () => {
    const device = await createDevice(parseSimOptions(small));
    const server = await opened.serve(device);
    const attach = device.camera.attachData.bind(device.camera);
    let openings = 0;
    device.camera.attachData = (outlet) => {
      attach(outlet);
      if (++openings === 1) setImmediate(() => server.failRead(constants.errno.EIO));
    };
    const daemon = await FlimdProcess.start(['serve', '--camera', `pcie:${server.device}`, ...quick]);
    await vi.waitUntil(() => running(daemon), { timeout: 15_000, interval: 100 });
    expect(openings).toBe(2);
    expect(await daemon.stop()).toBe(0);
  });

  it('meets `flimd sim --listen xdma:…` at the address that it prints', async () => {
    const folder = nodeFolder();
    const flags = Object.entries(small).flatMap(([key, value]) => [
      `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      value,
    ]);
    const sim = await FlimdProcess.start(['sim', '--listen', `tcp:127.0.0.1:0,xdma:${folder}`, ...flags]);
    const { uris } = sim.ready as unknown as { uris: string[] };
    expect(uris[0]).toMatch(/^tcp:127\.0\.0\.1:\d+$/);
    expect(uris[1]).toBe(`pcie:${folder}/xdma0`);
    const daemon = await FlimdProcess.start(['serve', '--camera', uris[1]!, ...quick]);
    await vi.waitUntil(() => running(daemon), { timeout: 15_000, interval: 100 });
    expect((await statusOf(daemon)).camera?.serial).toBe('SIM-00000001');
    expect(await daemon.stop()).toBe(0);
    expect(await sim.stop()).toBe(0);
  });
});
