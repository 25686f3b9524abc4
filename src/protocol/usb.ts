/**
 * A camera on USB: identity, endpoints and vendor requests. Written once here as data; `npm run generate` makes the
 * tables of docs/protocol.md from it. Browser-safe, so that a WebUSB page can use it too.
 */

/** The test ids of pid.codes: for trying things out, not for a product; a maker of cameras has ids of their own. */
export const USB_VENDOR_ID = 0x1209;
export const USB_PRODUCT_ID = 0x0001;
/** bcdDevice: version of this USB contract, 1.00. A host refuses another major version. */
export const USB_CONTRACT_BCD = 0x0100;
/** Class and subclass of device and interface: vendor-specific, "F". */
export const USB_CLASS = 0xff;
export const USB_SUBCLASS = 0x46;

export const USB_CONFIGURATION = 1;
/** Two interfaces, so that a host can read data in one thread and do everything else in another. */
export const UsbInterface = { data: 0, service: 1 } as const;
/** Settings of interface `data`: 0 has no endpoint and no bandwidth, 1 is the open data channel. */
export const UsbAlternate = { closed: 0, streaming: 1 } as const;

export const UsbEndpoint = { packets: 0x81, injection: 0x02, events: 0x83 } as const;

export interface UsbEndpointDescription {
  readonly name: keyof typeof UsbEndpoint;
  readonly interface: keyof typeof UsbInterface;
  readonly kind: 'bulk' | 'interrupt';
  readonly direction: 'in' | 'out';
  readonly meaning: string;
}

export const usbEndpoints: readonly UsbEndpointDescription[] = [
  {
    name: 'packets',
    interface: 'data',
    kind: 'bulk',
    direction: 'in',
    meaning: 'the packets of the data channel as one stream of bytes; see below where a transfer ends',
  },
  {
    name: 'injection',
    interface: 'service',
    kind: 'bulk',
    direction: 'out',
    meaning:
      'histograms in place of the sensor’s, u16 `[row][x][bin]`, bins filled up to a multiple of 4, a frame ended by a short or empty packet; halted where the device has no injector',
  },
  {
    name: 'events',
    interface: 'service',
    kind: 'interrupt',
    direction: 'in',
    meaning: 'one event record whenever one of its words has changed, and first after SET_INTERFACE',
  },
];

export type UsbSpeed = 'high' | 'super';
/** wMaxPacketSize of the bulk endpoints. */
export const USB_BULK_PACKET_BYTES: Readonly<Record<UsbSpeed, number>> = { high: 512, super: 1024 };
/**
 * Bulk data that a bus carries at most. High speed: 13 packets of 512 bytes in a microframe of 125 µs (USB 2.0, table
 * 5-10). SuperSpeed: 500 MB/s behind 8b/10b, of which a packet of 1024 bytes takes 1056 symbols (USB 3.0, 7.2.1).
 */
export const USB_BULK_BYTES_PER_SECOND: Readonly<Record<UsbSpeed, number>> = {
  high: 13 * 512 * 8000,
  super: 5e8 * (1024 / 1056),
};
/** One look for events every 2^(n-1) × 125 µs: 4 ms. */
export const USB_EVENT_INTERVAL = 6;

/** The words of an event record; little-endian u32 each. */
export const usbEventFields = [
  { name: 'state', meaning: 'register `state`' },
  { name: 'fault', meaning: 'register `fault`' },
  { name: 'errorFlags', meaning: 'register `errorFlags`' },
] as const;
export const USB_EVENT_BYTES = 4 * usbEventFields.length;

/** Words of one vendor request; a longer access is several requests. */
export const USB_MAX_REGISTER_WORDS = 64;
export const USB_MAX_REFUSAL_BYTES = 255;

export const UsbRequest = { readRegisters: 1, writeRegisters: 2, readRefusal: 3 } as const;
export const USB_VENDOR_IN = 0xc0;
export const USB_VENDOR_OUT = 0x40;

export const usbRequests: readonly {
  name: keyof typeof UsbRequest;
  requestType: number;
  meaning: string;
}[] = [
  {
    name: 'readRegisters',
    requestType: USB_VENDOR_IN,
    meaning: 'wValue: register address, wIndex 0, wLength: 4 × words, 1 to 64 words, little-endian',
  },
  {
    name: 'writeRegisters',
    requestType: USB_VENDOR_OUT,
    meaning: 'wValue: register address, wIndex 0, the words as data; taken whole or not at all',
  },
  {
    name: 'readRefusal',
    requestType: USB_VENDOR_IN,
    meaning:
      'UTF-8 text, at most 255 bytes: why the last refused request, transfer or setting was refused; empty if none was',
  },
];
