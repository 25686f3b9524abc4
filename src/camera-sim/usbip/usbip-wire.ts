import {
  USB_CLASS,
  USB_CONFIGURATION,
  USB_CONTRACT_BCD,
  USB_PRODUCT_ID,
  USB_SUBCLASS,
  USB_VENDOR_ID,
  UsbInterface,
  type UsbSpeed,
} from '../../protocol/index.js';

/**
 * The messages of USB/IP (Linux Documentation/usb/usbip_protocol.rst), big-endian. A connection begins with one
 * operation; after a device was imported, commands follow until the connection ends, which is the unplugging.
 */
export const USBIP_VERSION = 0x0111;
export const Operation = { requestImport: 0x8003, requestList: 0x8005 } as const;
export const OperationStatus = { ok: 0, busy: 2, noDevice: 4, error: 5 } as const;
export const UrbCommand = { submit: 1, unlink: 2 } as const;
/** Negative Linux error numbers, as URBs report them. */
export const UrbStatus = {
  ok: 0,
  /** The endpoint is halted, or a control request refused. */
  stalled: -32,
  overflow: -75,
  unlinked: -104,
} as const;

export const OPERATION_BYTES = 8;
export const BUS_ID_BYTES = 32;
export const COMMAND_BYTES = 48;
/** The only device that is exported. */
export const BUS_ID = '1-1';

const INTERFACES = Object.keys(UsbInterface).length;
const PATH_BYTES = 256;
const DEVICE_BYTES = 312;
const IN = 1;
/** enum usb_device_speed of Linux. */
const SPEED_CODE: Record<UsbSpeed, number> = { high: 3, super: 5 };

export interface Submit {
  kind: 'submit';
  sequence: number;
  endpoint: number;
  input: boolean;
  /** Bytes of room for the answer, or of data behind this command. */
  bytes: number;
  setup: Uint8Array;
}

export interface Unlink {
  kind: 'unlink';
  sequence: number;
  /** The submit that is taken back. */
  target: number;
}

/** The 48 bytes of a command; null where they are none. */
export function readCommand(bytes: Uint8Array): Submit | Unlink | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, COMMAND_BYTES);
  const sequence = view.getUint32(4);
  switch (view.getUint32(0)) {
    case UrbCommand.submit:
      return {
        kind: 'submit',
        sequence,
        input: view.getUint32(12) === IN,
        endpoint: view.getUint32(16),
        bytes: view.getUint32(24),
        setup: bytes.slice(40, 48),
      };
    case UrbCommand.unlink:
      return { kind: 'unlink', sequence, target: view.getUint32(20) };
    default:
      return null;
  }
}

/** RET_SUBMIT; the data of an IN transfer follow it. */
export function submitReply(sequence: number, status: number, actualBytes: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(COMMAND_BYTES));
  view.setUint32(0, 3);
  view.setUint32(4, sequence);
  view.setInt32(20, status);
  view.setUint32(24, actualBytes);
  // number_of_packets: no isochronous transfer.
  view.setUint32(32, 0xffff_ffff);
  return new Uint8Array(view.buffer);
}

/** RET_UNLINK: `unlinked` where the transfer was taken back, `ok` where it had been answered already. */
export function unlinkReply(sequence: number, status: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(COMMAND_BYTES));
  view.setUint32(0, 4);
  view.setUint32(4, sequence);
  view.setInt32(20, status);
  return new Uint8Array(view.buffer);
}

/** OP_REP_DEVLIST with the one device and its interfaces. */
export function listReply(speed: UsbSpeed): Uint8Array {
  const reply = new Uint8Array(OPERATION_BYTES + 4 + DEVICE_BYTES + 4 * INTERFACES);
  reply.set(operationHeader(Operation.requestList, OperationStatus.ok));
  new DataView(reply.buffer).setUint32(OPERATION_BYTES, 1);
  reply.set(deviceRecord(speed), OPERATION_BYTES + 4);
  for (let i = 0; i < INTERFACES; i++) {
    reply.set([USB_CLASS, USB_SUBCLASS, 0, 0], OPERATION_BYTES + 4 + DEVICE_BYTES + 4 * i);
  }
  return reply;
}

/** OP_REP_IMPORT; the device follows only where it was given away. */
export function importReply(speed: UsbSpeed, status: number): Uint8Array {
  const header = operationHeader(Operation.requestImport, status);
  if (status !== OperationStatus.ok) return header;
  return new Uint8Array(Buffer.concat([header, deviceRecord(speed)]));
}

function operationHeader(request: number, status: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(OPERATION_BYTES));
  view.setUint16(0, USBIP_VERSION);
  view.setUint16(2, request & 0x7fff);
  view.setUint32(4, status);
  return new Uint8Array(view.buffer);
}

function deviceRecord(speed: UsbSpeed): Uint8Array {
  const record = new Uint8Array(DEVICE_BYTES);
  const text = new TextEncoder();
  record.set(text.encode(`/sys/devices/flimd/usb1/${BUS_ID}`));
  record.set(text.encode(BUS_ID), PATH_BYTES);
  const view = new DataView(record.buffer, PATH_BYTES + BUS_ID_BYTES);
  // Bus and device number, both 1: one part of the device id in every command.
  view.setUint32(0, 1);
  view.setUint32(4, 1);
  view.setUint32(8, SPEED_CODE[speed]);
  view.setUint16(12, USB_VENDOR_ID);
  view.setUint16(14, USB_PRODUCT_ID);
  view.setUint16(16, USB_CONTRACT_BCD);
  record.set([USB_CLASS, USB_SUBCLASS, 0, USB_CONFIGURATION, 1, INTERFACES], PATH_BYTES + BUS_ID_BYTES + 18);
  return record;
}
