import { FlimdError } from '../protocol/errors.js';
import type { TcpTarget } from './link.js';

export const addressOf = ({ host, port }: TcpTarget): string =>
  `tcp:${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Why a connection did not come about, and what to do about it. */
export function connectError(target: TcpTarget, cause: NodeJS.ErrnoException): FlimdError {
  const address = addressOf(target);
  switch (cause.code) {
    case 'ECONNREFUSED':
      return openError(cause, address, `nothing listens at ${address}`, {
        expected: 'a camera that listens there',
        action: `is \`flimd sim --listen ${address}\` running, or the camera switched on?`,
      });
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return openError(cause, address, `the host name ${target.host} is not known`, {
        expected: 'a name or an IP address that this machine can resolve',
        action: 'check the spelling, or give the IP address',
      });
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return openError(cause, address, `${target.host} cannot be reached from this machine`, {
        expected: 'a route to the camera',
        action: 'check the cable, the network of this machine and the address',
      });
    default:
      return openError(cause, address, `cannot connect to ${address}: ${cause.message}`, {
        action: 'check address, network and firewall',
      });
  }
}

function openError(
  cause: unknown,
  value: string,
  message: string,
  help: { expected?: string; action: string },
): FlimdError {
  return new FlimdError('FLIMD_E_LINK_OPEN', message, { value, ...help }, { cause });
}

export function connectTimeout(target: TcpTarget, timeoutMs: number): FlimdError {
  const address = addressOf(target);
  return new FlimdError('FLIMD_E_LINK_TIMEOUT', `no connection to ${address} within ${timeoutMs} ms`, {
    value: address,
    expected: `a connection within ${timeoutMs} ms`,
    action: 'check that the camera is on and that no firewall drops the packets',
  });
}

/** The link broke after it had been open. */
export function lostError(where: string, cause?: Error): FlimdError {
  const why = cause ? `: ${cause.message}` : ' by the camera';
  return new FlimdError(
    'FLIMD_E_LINK_LOST',
    `the connection to ${where} was closed${why}`,
    { value: where, action: 'check the camera and the cable; what had arrived is kept' },
    { cause },
  );
}
