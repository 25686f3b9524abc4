import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPcieDevice } from '../../src/link/pcie-choice.js';
import { type DiscoveryRoots, listPcieDevices } from '../../src/link/pcie-discovery.js';

let roots: DiscoveryRoots;
beforeEach(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'flimd-sysfs-'));
  roots = { sysfs: path.join(folder, 'sys'), dev: path.join(folder, 'dev') };
  await mkdir(roots.dev);
});
afterEach(() => rm(path.dirname(roots.dev), { recursive: true }));

async function board(slot: string, vendor = '0x10ee', driver = true): Promise<void> {
  const folder = path.join(roots.sysfs, 'bus/pci/devices', slot);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'vendor'), `${vendor}\n`);
  await writeFile(path.join(folder, 'device'), '0x7024\n');
  if (driver) await mkdir(path.join(folder, 'driver'));
}

async function nodes(name: string, slot: string, suffixes: string[], inDev = true): Promise<void> {
  for (const suffix of suffixes) {
    const entry = path.join(roots.sysfs, 'class/xdma', `${name}_${suffix}`);
    await mkdir(entry, { recursive: true });
    await symlink(path.join(roots.sysfs, 'bus/pci/devices', slot), path.join(entry, 'device'));
    if (inDev) await writeFile(path.join(roots.dev, `${name}_${suffix}`), '');
  }
}

const CAMERA = ['user', 'control', 'c2h_0', 'h2c_0', 'events_0'];
const find = (device: string | null = null) => findPcieDevice({ device, serial: null }, roots);

describe('XDMA devices', () => {
  it('are found with their place on the bus', async () => {
    await board('0000:01:00.0');
    await nodes('xdma0', '0000:01:00.0', CAMERA);
    const device = path.join(roots.dev, 'xdma0');
    expect(await listPcieDevices(roots)).toEqual([
      { device, slot: '0000:01:00.0', ids: '10ee:7024', problem: null },
    ]);
    expect(await find()).toBe(device);
  });

  it('that are named are not looked for', async () => {
    expect(await find('/somewhere/xdma3')).toBe('/somewhere/xdma3');
  });

  it('are to be named where there are two', async () => {
    for (const [name, slot] of [
      ['xdma0', '0000:01:00.0'],
      ['xdma1', '0000:02:00.0'],
    ] as const) {
      await board(slot);
      await nodes(name, slot, CAMERA);
    }
    await expect(find()).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_OPEN',
      message: 'there are 2 XDMA devices',
      details: { action: expect.stringMatching(/--camera pcie:.*xdma0/) },
    });
  });

  it('without their driver are boards that need one; boards of others are no matter', async () => {
    await board('0000:01:00.0', '0x10ee', false);
    await board('0000:02:00.0', '0x8086', false);
    const [found, ...others] = await listPcieDevices(roots);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ device: null, slot: '0000:01:00.0', ids: '10ee:7024' });
    await expect(find()).rejects.toMatchObject({
      message: 'the board at 0000:01:00.0 has no driver',
      details: { action: expect.stringContaining('modprobe xdma') },
    });
  });

  it.each([
    ['without a stream', ['user', 'control'], true, /is no camera: it has no c2h_0/],
    ['without nodes', CAMERA, false, /there is no node/],
  ])('%s say what is missing', async (_, suffixes, inDev, message) => {
    await board('0000:01:00.0');
    await nodes('xdma0', '0000:01:00.0', suffixes, inDev);
    await expect(find()).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_OPEN',
      message: expect.stringMatching(message),
    });
  });

  it('that are not there are told with what to check', async () => {
    await expect(find()).rejects.toMatchObject({
      message: 'there is no XDMA device',
      details: { action: expect.stringContaining('lspci') },
    });
  });
});
