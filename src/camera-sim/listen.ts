import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { parseCameraUri } from '../link/index.js';
import { FlimdError } from '../protocol/index.js';
import type { DevicePort } from './device-port.js';
import { SlowControlPort, type SlowControlPortOptions } from './pty/slow-control-port.js';
import { SimServer } from './sim-server.js';
import { type UsbIpOptions, UsbIpServer } from './usbip/usbip-server.js';
import { XdmaServer } from './xdma/xdma-server.js';

/** A virtual camera that can be reached. */
export interface Listener {
  /** The camera's address for a daemon on this machine; for USB/IP, where a machine can attach it. */
  uri: string;
  close(): Promise<void>;
}

/** `slowControl`: what the camera has on its serial line. */
type Listen = (port: DevicePort, text: string, slowControl: SlowControlPortOptions) => Promise<Listener>;

/** By what a listen address begins with. */
const ways: Record<string, Listen> = { tcp: listenTcp, usbip: listenUsbIp, xdma: listenXdma, pty: listenPty };
const MAX_PORT = 65535;
const EXPECTED = 'tcp:host:port, usbip:[host:]port[?speed=high&rate=unlimited], xdma:folder or pty:path';

/**
 * Makes a virtual camera reachable at addresses such as `tcp:127.0.0.1:9870`, `usbip:3240`, `xdma:/run/flimd` and, for its
 * slow control, `pty:/tmp/slow-control`.
 * @throws FlimdError FLIMD_E_URI, FLIMD_E_PORT_IN_USE, FLIMD_E_LINK_OPEN; nothing stays open then
 */
export async function listenAt(
  port: DevicePort,
  addresses: readonly string[],
  slowControl: SlowControlPortOptions,
): Promise<Listener[]> {
  const listeners: Listener[] = [];
  try {
    for (const text of addresses) listeners.push(await wayOf(text)(port, text, slowControl));
    return listeners;
  } catch (error) {
    await Promise.all(listeners.map((each) => each.close()));
    throw error;
  }
}

/** Whether the address is that of a slow control, and not of the camera. */
export const isSlowControl = (text: string): boolean => wayOf(text) === listenPty;

function wayOf(text: string): Listen {
  const way = ways[text.slice(0, Math.max(0, text.indexOf(':'))).toLowerCase()];
  if (way) return way;
  throw notAnAddress(text);
}

function notAnAddress(text: string): FlimdError {
  return new FlimdError('FLIMD_E_URI', 'a virtual camera cannot listen there', {
    value: text,
    expected: EXPECTED,
    action: 'for example --listen tcp:127.0.0.1:9870',
  });
}

/** As a camera address, but port 0 is allowed: any free one. */
async function listenTcp(port: DevicePort, text: string): Promise<Listener> {
  const anyPort = /^(tcp:.*):0$/i.exec(text);
  const uri = parseCameraUri(anyPort ? `${anyPort[1]}:1` : text) as { host: string; port: number };
  const server = await SimServer.listen(port, uri.host, anyPort ? 0 : uri.port);
  return { uri: `tcp:${authority(server.address)}`, close: () => server.close() };
}

const usbIpOptions = new Map<string, Partial<UsbIpOptions>>([
  ['speed=high', { speed: 'high' }],
  ['speed=super', { speed: 'super' }],
  ['rate=unlimited', { bulkBytesPerSecond: Infinity }],
]);

/**
 * `usbip:3240` listens on loopback, `usbip:0.0.0.0:3240` or `usbip:[::]:3240` for other machines too. The camera sends
 * no more than a bus of its speed would carry, unless `?rate=unlimited`.
 */
async function listenUsbIp(port: DevicePort, text: string): Promise<Listener> {
  const [address, ...queries] = text.split('?');
  const options = queries.flatMap((query) => query.toLowerCase().split('&'));
  const match = /^usbip:(?:(?:\[([0-9a-f:.]+)\]|([^\s:/[\]]+)):)?(\d{1,5})$/i.exec(address!);
  const tcpPort = Number(match?.[3]);
  const known = options.every((option) => usbIpOptions.has(option));
  if (!match || tcpPort > MAX_PORT || !known) throw notAnAddress(text);
  const host = match[1] ?? match[2] ?? '127.0.0.1';
  const settings = Object.assign({}, ...options.map((option) => usbIpOptions.get(option)));
  const server = await UsbIpServer.listen(port, { host, tcpPort, speed: 'super', ...settings });
  return { uri: `usbip:${authority(server.address)}`, close: () => server.close() };
}

const authority = ({ address, port }: AddressInfo): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;

async function listenXdma(port: DevicePort, text: string): Promise<Listener> {
  const folder = text.slice('xdma:'.length);
  if (folder === '' || /\s/.test(folder)) {
    throw new FlimdError('FLIMD_E_URI', 'the device nodes need a folder to be mounted at', {
      value: text,
      expected: 'a path without spaces',
      action: 'for example --listen xdma:/run/flimd-sim',
    });
  }
  const server = await XdmaServer.mount(port, path.resolve(folder));
  return { uri: `pcie:${server.device}`, close: () => server.close() };
}

async function listenPty(
  _: DevicePort,
  text: string,
  slowControl: SlowControlPortOptions,
): Promise<Listener> {
  const at = text.slice('pty:'.length);
  if (at === '') throw notAnAddress(text);
  const port = SlowControlPort.open(path.resolve(at), slowControl);
  return { uri: `pty:${port.path}`, close: async () => port.close() };
}
