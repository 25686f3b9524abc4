import {
  USB_BULK_PACKET_BYTES,
  USB_CLASS,
  USB_CONFIGURATION,
  USB_CONTRACT_BCD,
  USB_EVENT_BYTES,
  USB_EVENT_INTERVAL,
  USB_PRODUCT_ID,
  USB_SUBCLASS,
  USB_VENDOR_ID,
  UsbAlternate,
  UsbEndpoint,
  type UsbEndpointDescription,
  usbEndpoints,
  UsbInterface,
  type UsbSpeed,
} from '../../protocol/index.js';

/** Descriptor types of USB 2.0 table 9-5 and USB 3.2 table 9-6. */
export const DescriptorType = {
  device: 1,
  configuration: 2,
  string: 3,
  interface: 4,
  endpoint: 5,
  deviceQualifier: 6,
  bos: 15,
  capability: 16,
  endpointCompanion: 48,
} as const;

const StringIndex = { manufacturer: 1, product: 2, serial: 3 } as const;
const US_ENGLISH = 0x0409;
const BULK = 2;
const INTERRUPT = 3;
/** Bus-powered, 500 mA; bMaxPower counts in 2 mA at high speed and in 8 mA at SuperSpeed. */
const BUS_POWERED = 0x80;
const MAX_POWER_UNITS: Record<UsbSpeed, number> = { high: 250, super: 62 };
const BULK_BURST = 15;

const u16 = (value: number): number[] => [value & 0xff, value >> 8];

/** All that a host may ask a camera of this speed about itself, as the bytes of chapter 9 of the USB specification. */
export class Descriptors {
  constructor(
    readonly speed: UsbSpeed,
    private readonly serial: string,
  ) {}

  /** `value` is wValue of GET_DESCRIPTOR: type and index. null where there is no such descriptor. */
  find(value: number): Uint8Array | null {
    const index = value & 0xff;
    switch (value >> 8) {
      case DescriptorType.device:
        return this.device();
      case DescriptorType.configuration:
        return index === 0 ? this.configuration() : null;
      case DescriptorType.string:
        return this.string(index);
      case DescriptorType.bos:
        return this.speed === 'super' ? bos() : null;
      default:
        // No device qualifier: the camera has one speed, whatever it is plugged into.
        return null;
    }
  }

  private device(): Uint8Array {
    const superSpeed = this.speed === 'super';
    return block(DescriptorType.device, [
      ...u16(superSpeed ? 0x0320 : 0x0200),
      ...[USB_CLASS, USB_SUBCLASS, 0],
      // bMaxPacketSize0: at SuperSpeed the exponent of 512.
      superSpeed ? 9 : 64,
      ...[...u16(USB_VENDOR_ID), ...u16(USB_PRODUCT_ID), ...u16(USB_CONTRACT_BCD)],
      ...[StringIndex.manufacturer, StringIndex.product, StringIndex.serial],
      1,
    ]);
  }

  private configuration(): Uint8Array {
    const inner = [
      ...this.interfaceWith(UsbInterface.data, UsbAlternate.closed, []),
      ...this.interfaceWith(UsbInterface.data, UsbAlternate.streaming, endpointsOf('data')),
      ...this.interfaceWith(UsbInterface.service, 0, endpointsOf('service')),
    ];
    const head = block(DescriptorType.configuration, [
      ...u16(9 + inner.length),
      ...[Object.keys(UsbInterface).length, USB_CONFIGURATION, 0, BUS_POWERED, MAX_POWER_UNITS[this.speed]],
    ]);
    return Uint8Array.of(...head, ...inner);
  }

  private interfaceWith(
    number: number,
    alternate: number,
    endpoints: readonly UsbEndpointDescription[],
  ): number[] {
    const fields = [number, alternate, endpoints.length, USB_CLASS, USB_SUBCLASS, 0, 0];
    return [
      ...block(DescriptorType.interface, fields),
      ...endpoints.flatMap(({ name, kind }) => this.endpoint(UsbEndpoint[name], kind)),
    ];
  }

  private endpoint(address: number, kind: 'bulk' | 'interrupt'): number[] {
    const bulk = kind === 'bulk';
    const packetBytes = bulk ? USB_BULK_PACKET_BYTES[this.speed] : USB_EVENT_BYTES;
    const fields = [address, bulk ? BULK : INTERRUPT, ...u16(packetBytes), bulk ? 0 : USB_EVENT_INTERVAL];
    const endpoint = [...block(DescriptorType.endpoint, fields)];
    if (this.speed !== 'super') return endpoint;
    const companion = [bulk ? BULK_BURST : 0, 0, ...u16(bulk ? 0 : USB_EVENT_BYTES)];
    return [...endpoint, ...block(DescriptorType.endpointCompanion, companion)];
  }

  private string(index: number): Uint8Array | null {
    if (index === 0) return block(DescriptorType.string, u16(US_ENGLISH));
    const texts: Record<number, string> = {
      [StringIndex.manufacturer]: 'flimd',
      [StringIndex.product]: 'flimd camera',
      [StringIndex.serial]: this.serial,
    };
    const text = texts[index];
    return text === undefined ? null : block(DescriptorType.string, [...Buffer.from(text, 'utf16le')]);
  }
}

function block(type: number, body: readonly number[]): Uint8Array {
  return Uint8Array.of(body.length + 2, type, ...body);
}

const endpointsOf = (name: keyof typeof UsbInterface): UsbEndpointDescription[] =>
  usbEndpoints.filter((endpoint) => endpoint.interface === name);

/** Binary device object store: the two capabilities that a SuperSpeed device must state. */
function bos(): Uint8Array {
  const usb2Extension = block(DescriptorType.capability, [2, 0x02, 0, 0, 0]);
  // Speeds high and super (bits 2, 3), full function from high speed on, exit latencies of U1 and U2 in µs.
  const superSpeed = block(DescriptorType.capability, [3, 0, ...u16(0x000c), 2, 10, ...u16(256)]);
  const total = 5 + usb2Extension.length + superSpeed.length;
  return Uint8Array.of(
    ...block(DescriptorType.bos, [...u16(total), 2]),
    ...[...usb2Extension, ...superSpeed],
  );
}
