import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { FlimdError } from '../protocol/errors.js';
import type { UsbDevice } from './usb-library.js';

/** Results of libusb calls (negative) and states of transfers (positive), as `errno` of the package's exceptions. */
export const LibusbError = {
  access: -3,
  noDevice: -4,
  notFound: -5,
  busy: -6,
  pipe: -9,
} as const;
export const TransferStatus = {
  error: 1,
  timedOut: 2,
  cancelled: 3,
  stall: 4,
  noDevice: 5,
  overflow: 6,
} as const;

export const libusbCode = (error: unknown): number | undefined =>
  (error as { errno?: number } | null | undefined)?.errno;

const hex4 = (value: number): string => value.toString(16).padStart(4, '0');

/** Vendor and product as `lsusb` writes them. */
export const usbIds = (vendor: number, product: number): string => `${hex4(vendor)}:${hex4(product)}`;

/** The node through which this machine reaches the device. */
export function nodeOf({ busNumber, deviceAddress }: Pick<UsbDevice, 'busNumber' | 'deviceAddress'>): string {
  const three = (value: number): string => String(value).padStart(3, '0');
  return `/dev/bus/usb/${three(busNumber)}/${three(deviceAddress)}`;
}

/** Why the device could not be opened or claimed, and what to do about it. */
export function openError(device: UsbDevice, cause: unknown): FlimdError {
  const node = nodeOf(device);
  const { idVendor, idProduct } = device.deviceDescriptor;
  const refused = (message: string, expected: string, action: string): FlimdError =>
    new FlimdError('FLIMD_E_LINK_OPEN', message, { value: node, expected, action }, { cause });
  switch (libusbCode(cause)) {
    case LibusbError.access:
      return refused(
        `this user may not open the USB camera ${usbIds(idVendor, idProduct)}`,
        `read and write access to ${node}`,
        'install packaging/udev/70-flimd.rules to /etc/udev/rules.d, run `udevadm control --reload`, join the group plugdev, and plug the camera in again',
      );
    case LibusbError.busy:
      return refused(
        `another program has the USB camera${holders(node)}`,
        'a camera that nobody else uses',
        'end that program, or the other flimd',
      );
    case LibusbError.noDevice:
    case LibusbError.notFound:
      return refused(
        'the USB camera went away while it was being opened',
        'a camera that stays',
        'check cable and power',
      );
    default:
      return refused(
        `the USB camera cannot be opened: ${(cause as Error).message}`,
        'a device that libusb can open',
        'plug the camera in again; on Windows it needs the WinUSB driver',
      );
  }
}

/** Programs that hold the node open, as far as this user may see; empty where none is seen. */
function holders(node: string): string {
  const names: string[] = [];
  for (const pid of processes()) {
    if (Number(pid) === process.pid || !holdsOpen(pid, node)) continue;
    names.push(`${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (${pid})`);
  }
  return names.length > 0 ? `: ${names.join(', ')}` : '';
}

function processes(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function holdsOpen(pid: string, node: string): boolean {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((file) => readlinkSync(`${folder}/${file}`) === node);
  } catch {
    return false; // Another user's, or gone meanwhile.
  }
}

/** What ended a transfer on an open camera. */
export function transferError(where: string, cause: unknown): FlimdError {
  const code = libusbCode(cause);
  if (code === TransferStatus.timedOut) {
    return new FlimdError(
      'FLIMD_E_LINK_TIMEOUT',
      `${where} did not answer in time`,
      { value: where, action: 'check the cable, or restart the camera' },
      { cause },
    );
  }
  const gone = code === TransferStatus.noDevice || code === LibusbError.noDevice;
  const why = gone ? 'was unplugged' : `failed: ${statusName(code)}`;
  return new FlimdError(
    'FLIMD_E_LINK_LOST',
    `${where} ${why}`,
    { value: where, action: 'check the camera and the cable; what had arrived is kept' },
    { cause },
  );
}

function statusName(code: number | undefined): string {
  const name = Object.entries(TransferStatus).find(([, status]) => status === code)?.[0];
  return name ?? `libusb error ${code}`;
}
