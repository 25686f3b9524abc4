import type { MessagePort } from 'node:worker_threads';
import type { FlimdError } from '../protocol/errors.js';

/** Where a link puts received bytes: straight into the reader's own buffer. */
export interface ByteSink {
  /** Writable room of at least 1 byte; stays valid until the next `reserve`. */
  reserve(): Uint8Array;
  /** `bytes` bytes were written at the start of the reserved room. */
  commit(bytes: number): void;
  /** Bytes that a link has in a buffer of its own; they are not needed any more when the call returns. */
  take(bytes: Uint8Array): void;
}

/** A two-way channel for small messages: register requests and their answers. */
export interface ByteChannel {
  /** The bytes may be kept until they have left: the caller does not write to them again. */
  send(bytes: Uint8Array): void;
  close(): Promise<void>;
}

export interface ChannelEvents {
  /** `bytes` is valid during the call only. */
  onBytes(bytes: Uint8Array): void;
  /** Once, and not after `close`: no byte comes any more. */
  onLost(error: FlimdError): void;
}

/** The receiving end of a data channel. */
export interface DataChannel {
  /** The link knows no greeting: whoever could open the channel has it, and no `attached` packet comes. */
  readonly attachedByOpening?: true;
  close(): Promise<void>;
}

/** Registers that are reached without packets: through USB control requests or the BAR of a PCIe device. */
export interface RegisterChannel {
  /** Whether the link reports an access that the camera refused; where not, its register `lastRefusal` tells. */
  readonly tellsRefusals: boolean;
  /** 32-bit words from a byte address. @throws FlimdError FLIMD_E_LINK_LOST, or FLIMD_E_LINK_REFUSED if it tells */
  read(address: number, words: number): Promise<Uint32Array>;
  write(address: number, values: readonly number[]): Promise<void>;
  close(): Promise<void>;
}

/** Carries histograms to the camera's injector. */
export interface InjectionChannel {
  /** One frame; resolves when the camera has taken it. */
  write(frame: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Tells of the camera's interrupts. */
export interface EventChannel {
  close(): Promise<void>;
}

export interface TcpTarget {
  kind: 'tcp';
  host: string;
  port: number;
}

/** Both channels of a camera in another thread of this process. */
export interface MemoryTarget {
  kind: 'memory';
  control: MessagePort;
  data: MessagePort;
}

/** A camera on USB; with `serial` null the only one of its kind. */
export interface UsbTarget {
  kind: 'usb';
  vendor: number;
  product: number;
  serial: string | null;
}

/** A camera behind AMD's XDMA driver. */
export interface PcieTarget {
  kind: 'pcie';
  /** What the names of its nodes begin with, such as /dev/xdma0. */
  device: string;
}

export type LinkTarget = TcpTarget | MemoryTarget | DirectTarget;
/** Links that reach registers without packets. */
export type DirectTarget = UsbTarget | PcieTarget;
/** What is needed of a target to open one of its channels; ports can be in one thread only. */
export type PacketTarget = TcpTarget | Pick<MemoryTarget, 'kind' | 'control'>;
export type ControlTarget = PacketTarget | DirectTarget;
export type DataTarget = TcpTarget | Pick<MemoryTarget, 'kind' | 'data'> | DirectTarget;

export interface LinkLimits {
  /** Longest wait for a TCP connection, ms. */
  connectTimeoutMs?: number;
}

export const DEFAULT_CONNECT_TIMEOUT_MS = 5000;
