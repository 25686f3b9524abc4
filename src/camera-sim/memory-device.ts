import type { MessagePort } from 'node:worker_threads';
import type { DataChunk, DataReply } from '../link/index.js';
import type { DevicePort, Wire } from './device-port.js';

/** Serves a virtual camera over the device's ends of a memory link; the ports' close is the end of a channel. */
export function serveMemory(port: DevicePort, control: MessagePort, data: MessagePort): void {
  serveControl(port, control);
  serveData(port, data);
}

function serveControl(port: DevicePort, control: MessagePort): void {
  const connection = port.accept({
    send: (packet) => {
      const own = packet.slice().buffer;
      control.postMessage(own, [own]);
    },
    transmit: () => {},
    close: () => control.close(),
    cut: () => control.close(),
  });
  control.on('message', (bytes: ArrayBuffer) => connection.receive(new Uint8Array(bytes)));
  control.on('close', () => connection.closed());
}

function serveData(port: DevicePort, data: MessagePort): void {
  const post = (chunk: ArrayBuffer, bytes: number): void =>
    data.postMessage({ chunk, bytes } satisfies DataChunk, [chunk]);
  // Answers to the greeting come back as chunks do, in order, but are no chunks of the outlet.
  let answersOut = 0;
  const wire: Wire = {
    send: (packet) => {
      answersOut++;
      post(packet.slice().buffer, packet.length);
    },
    transmit: post,
    close: () => data.close(),
    cut: () => data.close(),
  };
  const connection = port.accept(wire);
  data.on('message', (reply: DataReply) => {
    if ('greeting' in reply) connection.receive(new Uint8Array(reply.greeting));
    else if (answersOut > 0) answersOut--;
    else connection.recycle(reply.recycle);
  });
  data.on('close', () => connection.closed());
}
