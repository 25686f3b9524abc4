import type { MessagePort } from 'node:worker_threads';
import type { FlimdError } from '../protocol/errors.js';

/** Where a link puts received bytes: straight into the reader's own buffer. */
export interface ByteSink {
  /** Writable room of at least 1 byte; stays valid until the next `reserve`. */
  reserve(): Uint8Array;
  /** `bytes` bytes were written at the start of the reserved room. */
  commit(bytes: number): void;
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

export type LinkTarget = TcpTarget | MemoryTarget;
/** What is needed of a target to open one of its channels; ports can be in one thread only. */
export type ControlTarget = TcpTarget | Pick<MemoryTarget, 'kind' | 'control'>;
export type DataTarget = TcpTarget | Pick<MemoryTarget, 'kind' | 'data'>;

export interface LinkLimits {
  /** Longest wait for a TCP connection, ms. */
  connectTimeoutMs?: number;
}

export const DEFAULT_CONNECT_TIMEOUT_MS = 5000;
