import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findPcieDevice } from '../../src/link/pcie-choice.js';
import type { DiscoveryRoots } from '../../src/link/pcie-discovery.js';
import { askPcieDevice } from '../../src/link/pcie-identity.js';
import { virtualDevice } from '../support/virtual-device.js';
import { describeWithFuse } from './support/fuse.js';
import { Opened, targetOf } from './support/xdma-host.js';

const opened = new Opened();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flimd-boards-'));
});
afterEach(async () => {
  await opened.close();
  await rm(folder, { recursive: true });
});

/** A machine whose driver has met these boards in this order; the nodes are real ones. */
async function machine(devices: readonly string[]): Promise<DiscoveryRoots> {
  const roots = { sysfs: path.join(folder, 'sys'), dev: path.join(folder, 'dev') };
  await mkdir(roots.dev);
  for (const [i, device] of devices.entries()) {
    for (const node of ['user', 'c2h_0']) {
      await mkdir(path.join(roots.sysfs, 'class/xdma', `xdma${i}_${node}`), { recursive: true });
      await symlink(`${device}_${node}`, path.join(roots.dev, `xdma${i}_${node}`));
    }
  }
  return roots;
}

const serve = async (serial: string): Promise<string> =>
  (await opened.serve(virtualDevice({ serial }))).device;

describeWithFuse('cameras on PCIe', () => {
  it('are told apart by their serial numbers, whatever the driver calls them', async () => {
    const [first, second] = [await serve('SN-A'), await serve('SN-B')];
    const roots = await machine([first, second]);
    const find = (serial: string | null) => findPcieDevice({ device: null, serial }, roots);
    expect(await find('SN-A')).toBe(path.join(roots.dev, 'xdma0'));
    expect(await find('SN-B')).toBe(path.join(roots.dev, 'xdma1'));
    await expect(find(null)).rejects.toMatchObject({
      message: 'there are 2 XDMA devices',
      details: { action: expect.stringContaining('pcie:serial=') },
    });
    await expect(find('SN-C')).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_OPEN',
      message: 'no XDMA device has the serial number SN-C',
      details: { value: expect.stringMatching(/xdma0: SN-A, .*xdma1: SN-B/) },
    });
  });

  it('say who they are, and are left as they were', async () => {
    const server = await opened.serve(virtualDevice({ serial: 'SN-A' }));
    for (let again = 0; again < 3; again++) {
      expect(await askPcieDevice(server.device)).toEqual({ serial: 'SN-A', problem: null });
    }
    const { camera } = await opened.connect(targetOf(server));
    expect(camera.description.serial).toBe('SN-A');
  });

  it('that another program uses say that', async () => {
    const server = await opened.serve(virtualDevice({ serial: 'SN-A' }));
    await opened.connect(targetOf(server));
    const { serial, problem } = await askPcieDevice(server.device);
    expect(serial).toBe('SN-A');
    expect(problem).toMatchObject({
      code: 'FLIMD_E_LINK_OPEN',
      message: `another program has ${server.device}_c2h_0 open`,
    });
  });

  it('that are pulled out, or are no cameras, say why', async () => {
    const server = await opened.serve(virtualDevice());
    server.unplug();
    expect((await askPcieDevice(server.device)).problem).toMatchObject({ code: 'FLIMD_E_LINK_OPEN' });
    const other = path.join(folder, 'xdma0');
    await writeFile(`${other}_user`, Buffer.alloc(4096));
    expect(await askPcieDevice(other)).toMatchObject({
      serial: null,
      problem: { code: 'FLIMD_E_NOT_A_CAMERA', details: { value: '0x0' } },
    });
  });
});
