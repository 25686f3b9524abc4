import { describe, expect, it } from 'vitest';
import { strangeness } from '../../src/link/usb-discovery.js';
import { nodeOf, openError, transferError } from '../../src/link/usb-errors.js';
import type { UsbDevice } from '../../src/link/usb-library.js';
import { USB_CONTRACT_BCD, USB_SUBCLASS } from '../../src/protocol/usb.js';

const deviceWith = (descriptor: object): UsbDevice =>
  ({
    busNumber: 3,
    deviceAddress: 17,
    portNumbers: [1, 4],
    deviceDescriptor: { idVendor: 0x1209, idProduct: 1, ...descriptor },
  }) as unknown as UsbDevice;
const camera = deviceWith({ bDeviceSubClass: USB_SUBCLASS, bcdDevice: USB_CONTRACT_BCD });
/** As the package throws them. */
const thrown = (errno: number): Error => Object.assign(new Error(`LIBUSB ${errno}`), { errno });

describe('why a USB camera cannot be opened', () => {
  it.each([
    [-3, /may not open the USB camera 1209:0001/, /70-flimd\.rules/],
    [-6, /another program has the USB camera/, /end that program/],
    [-4, /went away/, /cable/],
    [-12, /cannot be opened: LIBUSB -12/, /WinUSB/],
  ])('libusb error %i', (errno, message, action) => {
    const error = openError(camera, thrown(errno));
    expect(error).toMatchObject({ code: 'FLIMD_E_LINK_OPEN', message: expect.stringMatching(message) });
    expect(error.details).toMatchObject({
      value: '/dev/bus/usb/003/017',
      expected: expect.any(String),
      action: expect.stringMatching(action),
    });
  });

  it('names the node as Linux does', () => {
    expect(nodeOf(camera)).toBe('/dev/bus/usb/003/017');
  });
});

describe('what ended a transfer', () => {
  it.each([
    [2, 'FLIMD_E_LINK_TIMEOUT', /did not answer in time/],
    [5, 'FLIMD_E_LINK_LOST', /was unplugged/],
    [-4, 'FLIMD_E_LINK_LOST', /was unplugged/],
    [6, 'FLIMD_E_LINK_LOST', /failed: overflow/],
    [-99, 'FLIMD_E_LINK_LOST', /failed: libusb error -99/],
  ])('status %i', (errno, code, message) => {
    expect(transferError('the USB camera X', thrown(errno))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});

describe('a device of the right ids', () => {
  it('is a camera by its subclass and version', () => {
    expect(strangeness(camera)).toBeNull();
    expect(
      strangeness(deviceWith({ bDeviceSubClass: USB_SUBCLASS, bcdDevice: USB_CONTRACT_BCD + 0x42 })),
    ).toBeNull();
  });

  it.each([
    ['of someone else', { bDeviceSubClass: 0, bcdDevice: USB_CONTRACT_BCD }, /is no flimd camera/],
    ['of another version', { bDeviceSubClass: USB_SUBCLASS, bcdDevice: 0x0213 }, /another version/],
  ])('is refused %s', (_, descriptor, message) => {
    expect(strangeness(deviceWith(descriptor))).toMatchObject({
      code: 'FLIMD_E_NOT_A_CAMERA',
      message: expect.stringMatching(message),
    });
  });
});
