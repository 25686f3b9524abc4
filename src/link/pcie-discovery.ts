import { access, readdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { FlimdError } from '../protocol/errors.js';

/** An XDMA device as the system shows it, or a board that has no driver. */
export interface PcieDevice {
  /** What the names of its nodes begin with; null where there is no driver, and so no node. */
  device: string | null;
  /** Such as 0000:01:00.0; null where the system does not say. */
  slot: string | null;
  /** Vendor and device id, such as 10ee:7024. */
  ids: string | null;
  /** Why it cannot be opened; null if nothing is known against it. */
  problem: FlimdError | null;
}

export interface DiscoveryRoots {
  sysfs: string;
  dev: string;
}

export const systemRoots: DiscoveryRoots = { sysfs: '/sys', dev: '/dev' };
const NODES = ['user', 'c2h_0'] as const;
const AMD_VENDOR = '0x10ee';

/** Every XDMA device, and every AMD board without a driver. */
export async function listPcieDevices(roots: DiscoveryRoots = systemRoots): Promise<PcieDevice[]> {
  const nodes = await names(path.join(roots.sysfs, 'class/xdma'));
  const devices = new Set(nodes.flatMap((name) => /^(xdma\d+)_/.exec(name)?.[1] ?? []));
  const withDriver = await Promise.all([...devices].sort().map((name) => describe(name, nodes, roots)));
  return [...withDriver, ...(await boardsWithoutDriver(roots))];
}

async function describe(name: string, nodes: string[], { sysfs, dev }: DiscoveryRoots): Promise<PcieDevice> {
  const parent = await pciParent(
    path.join(
      sysfs,
      'class/xdma',
      nodes.find((node) => node.startsWith(`${name}_`))!,
    ),
  );
  const device = path.join(dev, name);
  const missing = NODES.find((node) => !nodes.includes(`${name}_${node}`));
  const problem = missing ? notStreaming(device, missing) : await unreachable(device);
  return { device, ...parent, problem };
}

/** What a class entry's `device` link leads to. */
async function pciParent(entry: string): Promise<{ slot: string | null; ids: string | null }> {
  const parent = await realpath(path.join(entry, 'device')).catch(() => null);
  if (parent === null) return { slot: null, ids: null };
  return { slot: path.basename(parent), ids: await idsOf(parent) };
}

async function idsOf(folder: string): Promise<string | null> {
  const [vendor, device] = await Promise.all(
    ['vendor', 'device'].map((name) => word(path.join(folder, name))),
  );
  return vendor && device ? `${vendor.replace('0x', '')}:${device.replace('0x', '')}` : null;
}

async function boardsWithoutDriver({ sysfs }: DiscoveryRoots): Promise<PcieDevice[]> {
  const bus = path.join(sysfs, 'bus/pci/devices');
  const boards: PcieDevice[] = [];
  for (const slot of await names(bus)) {
    const folder = path.join(bus, slot);
    if ((await word(path.join(folder, 'vendor'))) !== AMD_VENDOR) continue;
    if (await exists(path.join(folder, 'driver'))) continue;
    const ids = await idsOf(folder);
    boards.push({ device: null, slot, ids, problem: noDriver(slot, ids) });
  }
  return boards;
}

async function unreachable(device: string): Promise<FlimdError | null> {
  if (await exists(`${device}_user`)) return null;
  return new FlimdError('FLIMD_E_LINK_OPEN', `the driver has ${device}, but there is no node for it`, {
    value: `${device}_user`,
    action: 'is udev running? The node appears when its rules have been applied',
  });
}

function notStreaming(device: string, node: string): FlimdError {
  return new FlimdError('FLIMD_E_LINK_OPEN', `the XDMA device ${device} is no camera: it has no ${node}`, {
    value: device,
    expected: `${device}_user and a streaming channel ${device}_c2h_0`,
    action: 'load the flimd bitstream',
  });
}

function noDriver(slot: string, ids: string | null): FlimdError {
  return new FlimdError('FLIMD_E_LINK_OPEN', `the board at ${slot} has no driver`, {
    value: ids ?? slot,
    expected: 'the xdma driver of AMD (github.com/Xilinx/dma_ip_drivers)',
    action: 'build and load it: `modprobe xdma`',
  });
}

const names = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
const word = (file: string): Promise<string | null> =>
  readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
