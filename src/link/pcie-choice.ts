import { errorBody, FlimdError } from '../protocol/errors.js';
import type { CameraUri } from './camera-uri.js';
import { type DiscoveryRoots, listPcieDevices, type PcieDevice, systemRoots } from './pcie-discovery.js';
import { readSerial } from './pcie-identity.js';

type PcieUri = Omit<Extract<CameraUri, { kind: 'pcie' }>, 'kind'>;

/** A device with nodes; what else is found on the bus has a problem instead. */
type UsableDevice = PcieDevice & { device: string };

/**
 * The device named, the one with this serial number, or the only one there is. Numbers of nodes follow the order in
 * which the driver meets the boards; serial numbers stay.
 * @throws FlimdError FLIMD_E_LINK_OPEN where there is none, or more than one to choose from
 */
export async function findPcieDevice(
  { device, serial }: PcieUri,
  roots: DiscoveryRoots = systemRoots,
): Promise<string> {
  if (device !== null) return device;
  const found = await listPcieDevices(roots);
  const usable = found.filter((each): each is UsableDevice => each.device !== null && each.problem === null);
  if (usable.length === 0) throw found[0]?.problem ?? noneError(roots);
  if (serial !== null) return withSerial(serial, usable);
  if (usable.length > 1) throw severalError(usable);
  return usable[0]!.device;
}

async function withSerial(wanted: string, devices: readonly UsableDevice[]): Promise<string> {
  const seen: string[] = [];
  for (const { device } of devices) {
    const found = await readSerial(device).catch(errorBody);
    if (found === wanted) return device;
    seen.push(`${device}: ${typeof found === 'string' ? found : found.message}`);
  }
  throw new FlimdError('FLIMD_E_LINK_OPEN', `no XDMA device has the serial number ${wanted}`, {
    value: seen.join(', '),
    expected: 'a camera with that serial number',
    action: 'check the board and its bitstream; `flimd devices` lists what is there',
  });
}

function severalError(devices: readonly UsableDevice[]): FlimdError {
  const all = devices.map(({ device }) => `pcie:${device}`);
  return new FlimdError('FLIMD_E_LINK_OPEN', `there are ${devices.length} XDMA devices`, {
    value: all.join(', '),
    expected: 'the one that is the camera',
    action: `name it, such as --camera ${all[0]}, or by its serial number: --camera pcie:serial=…`,
  });
}

function noneError({ sysfs }: DiscoveryRoots): FlimdError {
  return new FlimdError('FLIMD_E_LINK_OPEN', 'there is no XDMA device', {
    value: `${sysfs}/class/xdma`,
    expected: 'a board with the flimd bitstream, and the xdma driver loaded',
    action:
      'check `lspci -d 10ee:` and `lsmod | grep xdma`, and rescan the PCI bus after loading a bitstream',
  });
}
