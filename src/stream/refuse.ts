import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { FlimdError } from '../protocol/errors.js';
import type { MessageEncoder } from './message-encoder.js';

/** How long a client that is being disconnected may take to hear why, ms. */
const GRACE_MS = 2000;

/** WebSocket close codes (RFC 6455 section 7.4.1 and its IANA registry). */
export const CloseCode = { goingAway: 1001, policy: 1008, tryAgainLater: 1013 } as const;

/** Answers an upgrade request with an HTTP error instead, its body as in the REST interface. */
export function refuseUpgrade(socket: Duplex, httpStatus: number, error: FlimdError): void {
  const body = JSON.stringify({ error });
  const head = [
    `HTTP/1.1 ${httpStatus} ${STATUS_CODES[httpStatus]}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  // The peer may be gone already; then nobody wants the answer.
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Tells a client why it is disconnected, closes, and does not wait long for it to agree. */
export function dismiss(
  socket: WebSocket,
  encoder: MessageEncoder,
  error: FlimdError,
  closeCode: number,
): void {
  socket.send(encoder.encodePlain({ type: 'error', error: error.toJSON() }));
  closeSoon(socket, closeCode, error.code);
}

export function closeSoon(socket: WebSocket, closeCode: number, reason: string): void {
  socket.close(closeCode, reason);
  terminateSoon(socket);
}

export function terminateSoon(socket: WebSocket): void {
  const timer = setTimeout(() => socket.terminate(), GRACE_MS);
  socket.once('close', () => clearTimeout(timer));
}
