import {
  USB_CONFIGURATION,
  USB_MAX_REGISTER_WORDS,
  USB_VENDOR_IN,
  USB_VENDOR_OUT,
  UsbAlternate,
  UsbEndpoint,
  usbEndpoints,
  UsbInterface,
  UsbRequest,
} from '../../protocol/index.js';
import { Refusal } from '../register-file.js';
import type { CameraFunction } from './camera-function.js';
import type { Descriptors } from './descriptors.js';

/** Standard requests of USB 2.0 table 9-4 and, from 48 on, of USB 3.2. */
const Standard = {
  getStatus: 0,
  clearFeature: 1,
  setFeature: 3,
  setAddress: 5,
  getDescriptor: 6,
  getConfiguration: 8,
  setConfiguration: 9,
  getInterface: 10,
  setInterface: 11,
  setSel: 48,
  setIsochDelay: 49,
} as const;
const Recipient = { device: 0, interface: 1, endpoint: 2 } as const;
const TYPE_MASK = 0x60;
const RECIPIENT_MASK = 0x1f;
const ENDPOINT_HALT = 0;

export interface Setup {
  requestType: number;
  request: number;
  value: number;
  index: number;
  bytes: number;
}

export function readSetup(bytes: Uint8Array): Setup {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  return {
    requestType: view.getUint8(0),
    request: view.getUint8(1),
    value: view.getUint16(2, true),
    index: view.getUint16(4, true),
    bytes: view.getUint16(6, true),
  };
}

const nothing = new Uint8Array(0);

/** Endpoint 0: what the host's kernel asks of any device, and the vendor requests for registers. */
export class ControlEndpoint {
  private configuration = 0;
  private readonly halted = new Set<number>();

  constructor(
    private readonly camera: CameraFunction,
    private readonly descriptors: Descriptors,
  ) {}

  isHalted(endpoint: number): boolean {
    return this.halted.has(endpoint);
  }

  halt(endpoint: number): void {
    this.halted.add(endpoint);
  }

  /** The data for the host, at most what it asked for; null is a stall. */
  answer(setup: Setup, data: Uint8Array): Uint8Array | null {
    try {
      const standard = (setup.requestType & TYPE_MASK) === 0;
      const reply = standard ? this.standard(setup) : this.vendor(setup, data);
      return reply && reply.subarray(0, setup.bytes);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.camera.refused(error.message);
      return null;
    }
  }

  private standard({ requestType, request, value, index }: Setup): Uint8Array | null {
    const recipient = requestType & RECIPIENT_MASK;
    switch (request) {
      case Standard.getDescriptor:
        return this.descriptors.find(value);
      case Standard.getStatus:
        return Uint8Array.of(recipient === Recipient.endpoint && this.isHalted(index) ? 1 : 0, 0);
      case Standard.clearFeature:
        if (recipient === Recipient.endpoint && value === ENDPOINT_HALT) this.halted.delete(index);
        return nothing;
      case Standard.setFeature:
        if (recipient === Recipient.endpoint && value === ENDPOINT_HALT) this.halt(index);
        return nothing;
      case Standard.getConfiguration:
        return Uint8Array.of(this.configuration);
      case Standard.setConfiguration:
        return this.configure(value);
      case Standard.getInterface:
        return Uint8Array.of(index === UsbInterface.data ? this.camera.alternate : 0);
      case Standard.setInterface:
        return this.setInterface(index, value);
      case Standard.setAddress:
      case Standard.setSel:
      case Standard.setIsochDelay:
        return nothing;
      default:
        return null;
    }
  }

  private configure(value: number): Uint8Array | null {
    if (value !== 0 && value !== USB_CONFIGURATION) return null;
    this.configuration = value;
    this.halted.clear();
    this.camera.select(UsbAlternate.closed);
    return nothing;
  }

  private setInterface(index: number, alternate: number): Uint8Array | null {
    if (this.configuration === 0) return null;
    if (index === UsbInterface.data) this.camera.select(alternate);
    else if (index === UsbInterface.service && alternate === 0) this.camera.events.clear();
    else return null;
    for (const { name, interface: of } of usbEndpoints) {
      if (UsbInterface[of] === index) this.halted.delete(UsbEndpoint[name]);
    }
    return nothing;
  }

  private vendor(setup: Setup, data: Uint8Array): Uint8Array {
    const { requestType, request, value, index, bytes } = setup;
    if (requestType === USB_VENDOR_IN && request === UsbRequest.readRefusal) return this.camera.refusalText;
    const words = bytes / 4;
    if (!Number.isInteger(words) || words < 1 || words > USB_MAX_REGISTER_WORDS) {
      throw new Refusal(`${bytes} bytes of registers; 4 × (1 to ${USB_MAX_REGISTER_WORDS}) can be`);
    }
    if (requestType === USB_VENDOR_OUT && data.length !== bytes) {
      throw new Refusal(`${data.length} bytes of data where wLength says ${bytes}`);
    }
    if (index !== 0) throw new Refusal(`wIndex ${index}; it must be 0`);
    const { registers } = this.camera;
    if (requestType === USB_VENDOR_IN && request === UsbRequest.readRegisters) {
      return littleEndian(registers.read(value, words));
    }
    if (requestType === USB_VENDOR_OUT && request === UsbRequest.writeRegisters) {
      registers.write(value, wordsIn(data, words));
      return nothing;
    }
    throw new Refusal(`there is no vendor request ${request} of type ${requestType}`);
  }
}

function littleEndian(words: Uint32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * words.length));
  words.forEach((word, i) => view.setUint32(4 * i, word, true));
  return new Uint8Array(view.buffer);
}

function wordsIn(data: Uint8Array, words: number): Uint32Array {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return Uint32Array.from({ length: words }, (_, i) => view.getUint32(4 * i, true));
}
