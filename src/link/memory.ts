import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { lostError } from './link-errors.js';
import type { ByteChannel, ByteSink, ChannelEvents, DataChannel, MemoryTarget } from './link.js';

/**
 * The memory link joins a camera and its reader in two threads of one process. On the control ports every
 * message is an ArrayBuffer of bytes. On the data ports the device sends chunks; the host sends the greeting
 * once and then gives every chunk back when its bytes are out of it. A chunk given back is a credit: the device
 * keeps a bounded number in flight, and with none left the link is full. All buffers are transferred, not copied.
 */
export interface DataChunk {
  chunk: ArrayBuffer;
  /** The first `bytes` bytes are filled. */
  bytes: number;
}
export type DataReply = { greeting: ArrayBuffer } | { recycle: ArrayBuffer };

const WHERE = 'the in-process camera';

/** A new memory link: the reader's side, and the ports to hand to the camera's thread. */
export function createMemoryLink(): {
  target: MemoryTarget;
  device: { control: MessagePort; data: MessagePort };
} {
  const control = new MessageChannel();
  const data = new MessageChannel();
  return {
    target: { kind: 'memory', control: control.port1, data: data.port1 },
    device: { control: control.port2, data: data.port2 },
  };
}

export function openMemoryControl(
  { control }: Pick<MemoryTarget, 'control'>,
  greeting: Uint8Array,
  events: ChannelEvents,
): ByteChannel {
  const close = watch(control, events.onLost);
  control.on('message', (bytes: ArrayBuffer) => events.onBytes(new Uint8Array(bytes)));
  const send = (bytes: Uint8Array): void => {
    const own = bytes.slice().buffer;
    control.postMessage(own, [own]);
  };
  send(greeting);
  return { send, close };
}

export function openMemoryData(
  { data }: Pick<MemoryTarget, 'data'>,
  greeting: Uint8Array,
  sink: ByteSink,
  onLost: ChannelEvents['onLost'],
): DataChannel {
  const close = watch(data, onLost);
  data.on('message', ({ chunk, bytes }: DataChunk) => {
    sink.take(new Uint8Array(chunk, 0, bytes));
    data.postMessage({ recycle: chunk } satisfies DataReply, [chunk]);
  });
  const own = greeting.slice().buffer;
  data.postMessage({ greeting: own } satisfies DataReply, [own]);
  return { close };
}

/** Reports the end of the port once, unless it is our own; returns the function that ends it. */
function watch(port: MessagePort, onLost: ChannelEvents['onLost']): () => Promise<void> {
  let closing = false;
  const closed = new Promise<void>((resolve) => {
    port.on('close', () => {
      if (!closing) onLost(lostError(WHERE));
      resolve();
    });
  });
  return () => {
    closing = true;
    port.close();
    return closed;
  };
}
