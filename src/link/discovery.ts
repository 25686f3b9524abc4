import { type ErrorBody, errorBody } from '../protocol/errors.js';
import { USB_PRODUCT_ID, USB_VENDOR_ID } from '../protocol/usb.js';
import { listPcieDevices, type PcieDevice } from './pcie-discovery.js';
import { askPcieDevice } from './pcie-identity.js';
import { serialPorts } from './serial.js';
import { listUsb, portOf, serialOf, strangeness } from './usb-discovery.js';
import { usbProblem } from './usb-device.js';
import { usbIds } from './usb-errors.js';
import type { UsbDevice } from './usb-library.js';

/** Something that is, or may be, a camera. */
export interface FoundDevice {
  /** Address for `flimd serve --camera`; null where it cannot have one yet. */
  uri: string | null;
  link: 'usb' | 'pcie' | 'serial';
  serial: string | null;
  /** What a person sees it by: ids and place. */
  name: string;
  /** Why it cannot be opened; null if nothing stands in the way. */
  problem: ErrorBody | null;
}

const searches: Record<FoundDevice['link'], () => Promise<FoundDevice[]>> = {
  usb: findUsb,
  pcie: findPcie,
  serial: findSerial,
};

/** What is there, over every link that can be searched. A link that cannot is one entry that says why. */
export async function discoverDevices(): Promise<FoundDevice[]> {
  const found = await Promise.all(
    Object.entries(searches).map(([link, search]) =>
      search().catch((error: unknown): FoundDevice[] => [
        {
          uri: null,
          link: link as FoundDevice['link'],
          serial: null,
          name: `all ${link} devices`,
          problem: errorBody(error),
        },
      ]),
    ),
  );
  return found.flat();
}

async function findUsb(): Promise<FoundDevice[]> {
  const found: FoundDevice[] = [];
  // One after another: they share this thread's library.
  for (const device of await listUsb({ vendor: USB_VENDOR_ID, product: USB_PRODUCT_ID })) {
    found.push(await describeUsb(device));
  }
  return found;
}

async function describeUsb(device: UsbDevice): Promise<FoundDevice> {
  const { idVendor, idProduct } = device.deviceDescriptor;
  const name = `${usbIds(idVendor, idProduct)} at ${portOf(device)}`;
  try {
    const serial = await serialOf(device);
    const problem = strangeness(device) ?? (await usbProblem(device));
    const uri = serial === null ? 'usb:' : `usb:serial=${encodeURIComponent(serial)}`;
    return { uri, link: 'usb', serial, name, problem: problem && errorBody(problem) };
  } catch (error) {
    return { uri: null, link: 'usb', serial: null, name, problem: errorBody(error) };
  }
}

async function findPcie(): Promise<FoundDevice[]> {
  return Promise.all((await listPcieDevices()).map(describePcie));
}

async function describePcie({ device, slot, ids, problem }: PcieDevice): Promise<FoundDevice> {
  const name = [ids, slot && `at ${slot}`].filter(Boolean).join(' ') || (device ?? 'XDMA');
  const answer = device === null || problem ? { serial: null, problem } : await askPcieDevice(device);
  return {
    uri: device === null ? null : `pcie:${device}`,
    link: 'pcie',
    serial: answer.serial,
    name,
    problem: answer.problem && errorBody(answer.problem),
  };
}

/** Any of them may carry a slow control; who is behind one shows only when it is asked. */
async function findSerial(): Promise<FoundDevice[]> {
  return (await serialPorts()).map(({ path, serial, maker }) => ({
    uri: null,
    link: 'serial',
    serial,
    name: `serial port ${path}${maker === null ? '' : ` by ${maker}`}, for --slow-control`,
    problem: null,
  }));
}
