import type { DevicePort } from '../camera-sim/device-port.js';
import { SlowControlPort, type SlowControlPortOptions } from '../camera-sim/pty/slow-control-port.js';
import { SimServer } from '../camera-sim/sim-server.js';
import { UsbIpServer } from '../camera-sim/usbip/usbip-server.js';
import { parseCameraUri } from '../link/index.js';
import { FlimdError } from '../protocol/errors.js';
import type { UsbSpeed } from '../protocol/index.js';

/** A place where a virtual camera can be reached. */
export interface Listener {
  /** Where, with the actual port; the address for `flimd serve --camera` where there is one. */
  uri: string;
  close(): Promise<void>;
}

export interface ListenOptions {
  usbSpeed: UsbSpeed;
  slowControl: SlowControlPortOptions;
}

type Listen = (port: DevicePort, text: string, options: ListenOptions) => Promise<Listener>;

const EXPECTED = 'tcp:host:port, usbip:[host:]port or pty:path';
/** Over which links a virtual camera is offered, by the scheme of the address. */
const listeners: Record<string, Listen> = { tcp: listenTcp, usbip: listenUsbIp, pty: listenPty };

/** Offers the camera at an address such as `tcp:127.0.0.1:9870` or `usbip:3240`; port 0 takes any free one. */
export async function listenAt(port: DevicePort, text: string, options: ListenOptions): Promise<Listener> {
  const listen = listeners[text.slice(0, text.indexOf(':')).toLowerCase()];
  if (listen) return listen(port, text, options);
  throw notAnAddress(text);
}

/** As a camera address, but port 0 is allowed: any free one. */
async function listenTcp(device: DevicePort, text: string): Promise<Listener> {
  const anyPort = /^(tcp:.*):0$/i.exec(text);
  const uri = parseCameraUri(anyPort ? `${anyPort[1]}:1` : text);
  if (uri.kind !== 'tcp') throw notAnAddress(text);
  const server = await SimServer.listen(device, uri.host, anyPort ? 0 : uri.port);
  const { address, port } = server.address;
  return { uri: `tcp:${bracketed(address)}:${port}`, close: () => server.close() };
}

/** `usbip:3240` listens on loopback, `usbip:0.0.0.0:3240` or `usbip:[::]:3240` for other machines too. */
async function listenUsbIp(device: DevicePort, text: string, { usbSpeed }: ListenOptions): Promise<Listener> {
  const match = /^usbip:(?:(?:\[([0-9a-f:.]+)\]|([^\s:/[\]]+)):)?(\d{1,5})$/i.exec(text);
  const tcpPort = Number(match?.[3]);
  if (!match || tcpPort > 65535) throw notAnAddress(text);
  const host = match[1] ?? match[2] ?? '127.0.0.1';
  const server = await UsbIpServer.listen(device, { host, tcpPort, speed: usbSpeed });
  const { address, port } = server.address;
  return { uri: `usbip:${bracketed(address)}:${port}`, close: () => server.close() };
}

/** `pty:/tmp/flimd-slow-control`: the slow control of the camera as a serial port at that path. */
async function listenPty(_: DevicePort, text: string, { slowControl }: ListenOptions): Promise<Listener> {
  const path = text.slice('pty:'.length);
  if (path === '') throw notAnAddress(text);
  const port = SlowControlPort.open(path, slowControl);
  return { uri: `pty:${path}`, close: async () => port.close() };
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

function notAnAddress(text: string): FlimdError {
  return new FlimdError('FLIMD_E_URI', 'a virtual camera cannot listen there', {
    value: text,
    expected: EXPECTED,
    action: 'for example --listen tcp:127.0.0.1:9870, --listen usbip:3240 or --listen pty:/tmp/slow-control',
  });
}
