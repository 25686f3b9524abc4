import { nativeAddon } from '../native-addon.js';
import { FlimdError } from '../protocol/errors.js';

/** What native/service/datagram.cc exports; Linux only. */
interface Addon {
  sendDatagram?: SendDatagram;
}

/** Sends to a socket path, or to `@name` in the abstract namespace, without waiting; gives 0, or −errno. */
export type SendDatagram = (socket: string, text: string) => number;

const addon = nativeAddon<Addon>('Release/flimd.node', 'the native part does');

/** @throws FlimdError FLIMD_E_NATIVE_MISSING, FLIMD_E_CAPABILITY */
export function datagramSender(): SendDatagram {
  const { sendDatagram } = addon();
  if (sendDatagram) return sendDatagram;
  throw new FlimdError('FLIMD_E_CAPABILITY', 'a service manager can be told of the daemon on Linux only', {
    value: process.platform,
    expected: 'linux',
  });
}
