import { connect, type Socket, type TcpSocketConnectOpts } from 'node:net';
import { FlimdError } from '../protocol/errors.js';
import { addressOf, connectError, connectTimeout, lostError } from './link-errors.js';
import {
  type ByteChannel,
  type ByteSink,
  type ChannelEvents,
  DEFAULT_CONNECT_TIMEOUT_MS,
  type DataChannel,
  type LinkLimits,
  type TcpTarget,
} from './link.js';

const KEEP_ALIVE_DELAY_MS = 5000;

/** The control connection: requests and answers of a few bytes each. */
export async function openTcpControl(
  target: TcpTarget,
  greeting: Uint8Array,
  events: ChannelEvents,
  limits: LinkLimits = {},
): Promise<ByteChannel> {
  const { socket, close } = await openSocket(target, limits, {}, events.onLost);
  socket.on('data', (bytes) => events.onBytes(bytes));
  socket.write(greeting);
  return {
    send(bytes) {
      if (socket.writable) socket.write(bytes);
    },
    close,
  };
}

/**
 * The data connection. The kernel copies received bytes straight into the room that the sink reserves
 * (`onread` with a buffer of our own): no stream, no intermediate buffer.
 */
export async function openTcpData(
  target: TcpTarget,
  greeting: Uint8Array,
  sink: ByteSink,
  onLost: ChannelEvents['onLost'],
  limits: LinkLimits = {},
): Promise<DataChannel> {
  const onread = {
    buffer: () => sink.reserve(),
    callback: (bytes: number) => {
      sink.commit(bytes);
      return true;
    },
  };
  const { socket, close } = await openSocket(target, limits, { onread }, onLost);
  socket.write(greeting);
  return { close };
}

interface OpenSocket {
  socket: Socket;
  close(): Promise<void>;
}

function openSocket(
  target: TcpTarget,
  { connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS }: LinkLimits,
  reading: Pick<TcpSocketConnectOpts, 'onread'>,
  onLost: ChannelEvents['onLost'],
): Promise<OpenSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: target.host,
      port: target.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
      ...reading,
    });
    const timer = setTimeout(
      () => socket.destroy(connectTimeout(target, connectTimeoutMs)),
      connectTimeoutMs,
    );
    const onError = (error: Error): void => {
      clearTimeout(timer);
      reject(error instanceof FlimdError ? error : connectError(target, error));
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      resolve({ socket, close: watch(socket, target, onLost) });
    });
  });
}

/** Reports the end of the connection once, unless it is our own; returns the function that ends it. */
function watch(socket: Socket, target: TcpTarget, onLost: ChannelEvents['onLost']): () => Promise<void> {
  let cause: Error | undefined;
  let closing = false;
  const closed = new Promise<void>((resolve) => {
    socket.on('error', (error) => (cause = error));
    socket.on('close', () => {
      if (!closing) onLost(lostError(addressOf(target), cause));
      resolve();
    });
  });
  return () => {
    closing = true;
    socket.destroy();
    return closed;
  };
}
