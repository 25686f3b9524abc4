import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevicePort, DeviceConnection } from '../../src/camera-sim/device-port.js';
import { registerBlocks, type Register } from '../../src/protocol/registers.js';
import { virtualDevice } from '../support/virtual-device.js';
import { missingForGuest } from './guest/guest.js';
import { type Fact, GuestReport } from './guest/guest-report.js';
import { ProxiedBar } from './support/proxied-bar.js';
import { SharedBar } from './support/shared-bar.js';

const BOOT_AND_RUN_MS = 180_000;

/** A camera whose packets go nowhere; what is wanted of it is its registers. */
function cameraWithReader(): DevicePort {
  const port = virtualDevice({ width: 32, height: 24, fps: 0, cacheFrames: 4 });
  const connection: DeviceConnection = port.accept({
    send: () => {},
    transmit: (chunk) => setImmediate(() => connection.recycle(chunk)),
    close: () => {},
    cut: () => {},
  });
  connection.openData();
  return port;
}

/** Every readable word of a camera, by register. */
function mapOf({ camera }: DevicePort): Record<string, number[]> {
  const registers = registerBlocks.flatMap<Register>((block) => block.registers);
  const readable = registers.filter(({ access }) => access !== 'wo');
  return Object.fromEntries(
    readable.map(({ name, address, words }) => [name, [...camera.registers.read(address, words)]]),
  );
}

/** Registers that change by themselves. */
const alive = ['ticks', 'temperatureMilliC'];

const withoutLive = (map: Record<string, number[]>): Record<string, number[]> =>
  Object.fromEntries(Object.entries(map).filter(([name]) => !alive.includes(name)));

const missing = missingForGuest();
if (missing && !process.env.CI) console.log(`skipped: the BAR of a PCI device in a guest (${missing})`);

const bars = ['shared', 'proxied'] as const;
type Bar = (typeof bars)[number];

/** `shared` is plain memory, `proxied` a device that answers every access in its turn. */
describe.skipIf(missing !== null && !process.env.CI)('registers in the BAR of a PCI device', () => {
  const cameras = { shared: cameraWithReader(), proxied: cameraWithReader() };
  const folder = mkdtempSync(path.join(tmpdir(), 'flimd-bar-'));
  const maps = new Map<string, Record<string, number[]>>();
  let shared: SharedBar;
  let proxied: ProxiedBar;
  const report = new GuestReport((fact) => answer(fact));
  const said = (what: string, bar: Bar): any => report.said(what, { bar });

  function answer({ what, bar }: Fact): void {
    const device = bar === 'shared' ? shared : proxied;
    if (what === 'map' || what === 'series') maps.set(`${what} ${bar}`, mapOf(cameras[bar as Bar]));
    if (what === 'drop') device.drop();
    if (what === 'dropped') device.restore();
  }

  beforeAll(async () => {
    if (missing) throw new Error(missing);
    const memory = path.join(folder, 'registers');
    shared = await SharedBar.create(cameras.shared.camera.registers, memory);
    const options = {
      run: 'test/links/guest/bar-check.mjs',
      args: [`shared:${SharedBar.ids}:resource2`, `proxied:${ProxiedBar.ids}:resource0`],
      modules: [],
      devices: [...SharedBar.devices(memory), ...ProxiedBar.devices],
    };
    await report.run(
      { ...options, onWire: (wire) => (proxied = new ProxiedBar(cameras.proxied.camera.registers, wire)) },
      BOOT_AND_RUN_MS - 10_000,
    );
  }, BOOT_AND_RUN_MS);

  afterAll(async () => {
    await shared?.close();
    rmSync(folder, { recursive: true });
  });

  it.each(bars)('describe the camera, and are the words of its register file: %s', (bar) => {
    const { description, diagnostics } = said('described', bar);
    expect(description).toMatchObject({ serial: 'SIM-TEST', width: 32, height: 24, bins: 8 });
    expect(diagnostics).toMatchObject({ errors: [] });
    expect(withoutLive(said('map', bar).map)).toEqual(withoutLive(maps.get(`map ${bar}`)!));
  });

  it('done', () => {
    report.said('done');
  });
});
