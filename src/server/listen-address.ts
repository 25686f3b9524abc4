import { lookup } from 'node:dns/promises';
import { BlockList, isIPv6 } from 'node:net';
import { FlimdError } from '../protocol/errors.js';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export function isLoopback(address: string): boolean {
  return loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/**
 * The address to listen on. The name is resolved first and the address checked, since a name may mean any interface.
 * Throws FLIMD_E_BIND_NEEDS_TOKEN where others could reach it without a token, FLIMD_E_URI for an unknown name.
 */
export async function listenAddress(host: string, token: string | null): Promise<string> {
  const address = await resolve(host);
  if (!isLoopback(address) && token === null) {
    throw new FlimdError('FLIMD_E_BIND_NEEDS_TOKEN', `${host} can be reached from other machines`, {
      value: host,
      expected: 'a loopback address, or a token',
      action: 'set FLIMD_TOKEN (16 characters or more), or listen on 127.0.0.1',
    });
  }
  return address;
}

async function resolve(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    const details = {
      value: host,
      expected: 'an address or name of this machine',
      action: 'correct server.host',
    };
    throw new FlimdError('FLIMD_E_URI', `the host to listen on is not known`, details, { cause });
  }
}

/** Address for people and clients: brackets around IPv6, this machine for "all interfaces". */
export function httpUrl(address: string, port: number): string {
  if (address === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (address === '::') return `http://[::1]:${port}`;
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}
