import { existsSync, readFileSync } from 'node:fs';
import { FlimdError } from '../protocol/errors.js';
import { USB_CONTRACT_BCD, USB_SUBCLASS } from '../protocol/usb.js';
import type { UsbTarget } from './link.js';
import { openError, usbIds } from './usb-errors.js';
import { type UsbDevice, usbLibrary } from './usb-library.js';
import { inTurn } from './usb-turns.js';

/** Devices of these ids, in the order of their buses and ports. */
export async function listUsb({
  vendor,
  product,
}: Pick<UsbTarget, 'vendor' | 'product'>): Promise<UsbDevice[]> {
  const { getDeviceList } = await usbLibrary();
  return getDeviceList()
    .filter(({ deviceDescriptor }) => {
      return deviceDescriptor.idVendor === vendor && deviceDescriptor.idProduct === product;
    })
    .sort((a, b) => portOf(a).localeCompare(portOf(b), undefined, { numeric: true }));
}

/** Bus and ports, as in /sys/bus/usb/devices: the place of a device, which moves with the cable. */
export const portOf = ({ busNumber, portNumbers }: UsbDevice): string =>
  `${busNumber}-${(portNumbers ?? []).join('.')}`;

/**
 * Serial number of a device. Linux shows it to everybody in sysfs; elsewhere the device must be opened for it.
 * null where it has none. @throws FlimdError FLIMD_E_LINK_OPEN where it cannot be opened
 */
export async function serialOf(device: UsbDevice): Promise<string | null> {
  const folder = `/sys/bus/usb/devices/${portOf(device)}`;
  if (existsSync(folder)) {
    return existsSync(`${folder}/serial`) ? readFileSync(`${folder}/serial`, 'utf8').trim() : null;
  }
  if (device.deviceDescriptor.iSerialNumber === 0) return null;
  return inTurn(device, () => askSerial(device));
}

/** Of a device that this thread has open already it leaves that as it is. */
async function askSerial(device: UsbDevice): Promise<string | null> {
  const inUse = device.interfaces !== undefined;
  try {
    if (!inUse) device.open();
  } catch (error) {
    throw openError(device, error);
  }
  try {
    return await new Promise((resolve, reject) =>
      device.getStringDescriptor(device.deviceDescriptor.iSerialNumber, (error, text) =>
        error ? reject(openError(device, error)) : resolve(text ?? null),
      ),
    );
  } finally {
    if (!inUse) device.close();
  }
}

/**
 * The one device that the target means. @throws FlimdError FLIMD_E_LINK_OPEN where there is none or several,
 * FLIMD_E_NOT_A_CAMERA
 */
export async function findUsbDevice(target: UsbTarget): Promise<UsbDevice> {
  const devices = await listUsb(target);
  const serials = await Promise.all(devices.map(serialOf));
  const wanted = devices.filter((_, i) => target.serial === null || serials[i] === target.serial);
  if (wanted.length !== 1) throw notOne(target, wanted.length, serials);
  const problem = strangeness(wanted[0]!);
  if (problem) throw problem;
  return wanted[0]!;
}

/** The target with the serial number of the only camera there is: from now on it means this one. */
export async function findUsbCamera(target: UsbTarget): Promise<UsbTarget> {
  return { ...target, serial: await serialOf(await findUsbDevice(target)) };
}

/** Why a device of the right ids is no camera for this flimd; null if it is one. Test ids have many owners. */
export function strangeness({ deviceDescriptor }: UsbDevice): FlimdError | null {
  const { bDeviceSubClass, bcdDevice, idVendor, idProduct } = deviceDescriptor;
  if (bDeviceSubClass !== USB_SUBCLASS) {
    return new FlimdError(
      'FLIMD_E_NOT_A_CAMERA',
      `the USB device ${usbIds(idVendor, idProduct)} is no flimd camera`,
      {
        value: `subclass ${bDeviceSubClass}`,
        expected: `subclass ${USB_SUBCLASS}`,
        action: 'unplug the other device of these ids, or name the ids of the camera: usb:vendor:product',
      },
    );
  }
  if (bcdDevice >> 8 === USB_CONTRACT_BCD >> 8) return null;
  return new FlimdError('FLIMD_E_NOT_A_CAMERA', 'the USB camera is of another version', {
    value: bcd(bcdDevice),
    expected: `${USB_CONTRACT_BCD >> 8}.x`,
    action: 'use a firmware and a flimd that fit each other',
  });
}

const bcd = (value: number): string => `${value >> 8}.${(value & 0xff).toString(16).padStart(2, '0')}`;

function notOne(
  { vendor, product, serial }: UsbTarget,
  found: number,
  serials: (string | null)[],
): FlimdError {
  const ids = usbIds(vendor, product);
  const names = serials.map((each) => each ?? 'one without a serial number').join(', ');
  if (found > 1) {
    return new FlimdError('FLIMD_E_LINK_OPEN', `there are ${found} USB cameras`, {
      value: names,
      expected: 'one camera, or its serial number in the address',
      action: `for example --camera usb:serial=${encodeURIComponent(serials[0] ?? '…')}`,
    });
  }
  return new FlimdError(
    'FLIMD_E_LINK_OPEN',
    serial === null ? `no USB camera ${ids} is plugged in` : `no USB camera has the serial number ${serial}`,
    {
      value: names || 'no device of these ids',
      expected: serial === null ? `a device ${ids}` : `a device ${ids} with that serial number`,
      action: 'check cable and power; `flimd devices` lists what is there',
    },
  );
}
