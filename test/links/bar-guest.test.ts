import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevicePort, DeviceConnection } from '../../src/camera-sim/device-port.js';
import type { FoundDevice } from '../../src/link/discovery.js';
import { registerBlocks, type Register } from '../../src/protocol/registers.js';
import { virtualDevice } from '../support/virtual-device.js';
import { emulates, missingForGuest } from './guest/guest.js';
import { type Fact, GuestReport } from './guest/guest-report.js';
import { ProxiedBar } from './support/proxied-bar.js';
import { SharedBar } from './support/shared-bar.js';

const BOOT_AND_RUN_MS = 420_000;

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
const alive = ['ticks', 'temperatureMilliC', 'biasMillivolt'];

const withoutLive = (map: Record<string, number[]>): Record<string, number[]> =>
  Object.fromEntries(Object.entries(map).filter(([name]) => !alive.includes(name)));

const missing =
  missingForGuest() ??
  (emulates(ProxiedBar.model) ? null : `needs a QEMU with ${ProxiedBar.model}, such as Debian's 7.2`);
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

  it.each(bars)('run a series: %s', (bar) => {
    const { states, counters, map } = said('series', bar);
    expect(states).toEqual(['armed', 'acquiring', 'idle']);
    const frames = counters.map(({ framesSent }: { framesSent: number }) => framesSent);
    expect(frames[1]).toBeGreaterThan(frames[0]);
    expect(frames[2]).toBeGreaterThan(frames[1]);
    expect(map.packetsSent[0]).toBeGreaterThan(map.framesSent[0]);
    expect(map).toMatchObject({ series: [7], output: [1], framePeriodUs: [10_000], fault: [0] });
    expect(withoutLive(map)).toEqual(withoutLive(maps.get(`series ${bar}`)!));
  });

  it('tell of every access that the camera refuses, and of no other', () => {
    const refused = (access: string) => ({
      code: 'FLIMD_E_LINK_REFUSED',
      message: `the camera refused a ${access}`,
    });
    expect(said('refusals', 'proxied')).toMatchObject({
      readOnly: refused('write at 0x000'),
      startOfIdle: refused('write at 0x100'),
      writeOnly: refused('read at 0x100'),
      nowhere: refused('read at 0xff0'),
      after: [1],
      inTurn: [null, 11, refused('write at 0x000'), null, 12],
    });
  });

  it('are reached by words of 32 bits alone', () => {
    expect(proxied.accesses.length).toBeGreaterThan(1000);
    expect(proxied.accesses.filter(({ bytes, address }) => bytes !== 4 || address % 4 !== 0)).toEqual([]);
    expect(proxied.accesses.some(({ write }) => write)).toBe(true);
  });

  it.each(bars)('are lost when the device drops off the bus, and there again when it is: %s', (bar) => {
    const loss = { code: 'FLIMD_E_LINK_LOST', message: expect.stringContaining('nothing answers') };
    const { told, later, opening } = said('dropped', bar);
    expect({ told, later }).toEqual({ told: [loss], later: loss });
    expect(opening).toMatchObject({
      code: 'FLIMD_E_NOT_A_CAMERA',
      message: 'nothing answers for the registers of this device',
    });
    expect(said('restored', bar).serial).toBe('SIM-TEST');
  });

  it.each(bars)('are no camera while the memory of the device is disabled: %s', (bar) => {
    const { word, opening, serial } = said('disabled', bar);
    // A PC gives all ones where nobody answers, QEMU zeros.
    expect([0, 0xffff_ffff]).toContain(word);
    expect(opening).toMatchObject({ code: 'FLIMD_E_NOT_A_CAMERA' });
    expect(serial).toBe('SIM-TEST');
  });

  it.each(bars)('can be opened again after the kernel had taken the device away: %s', (bar) => {
    const { reading, opening, serial } = said('removed', bar);
    // Whether a mapping outlives its device is up to the kernel.
    if (reading !== null) expect(reading).toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
    expect(opening).toMatchObject({
      code: 'FLIMD_E_LINK_OPEN',
      message: `there is no /tmp/${bar}/xdma0_user`,
    });
    expect(serial).toBe('SIM-TEST');
  });

  it('belong to a board that is found without a driver', () => {
    const found = report.said('devices').found as FoundDevice[];
    expect(found.filter(({ link }) => link === 'pcie')).toMatchObject([
      {
        uri: null,
        name: expect.stringContaining(ProxiedBar.ids),
        problem: { code: 'FLIMD_E_LINK_OPEN', message: expect.stringContaining('has no driver') },
      },
    ]);
    for (const bar of bars)
      console.log(`single accesses in the guest: ${JSON.stringify(said('timing', bar))}`);
  });
});
