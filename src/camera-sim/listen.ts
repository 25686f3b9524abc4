import path from 'node:path';
import { parseCameraUri } from '../link/index.js';
import { FlimdError } from '../protocol/index.js';
import type { DevicePort } from './device-port.js';
import { SimServer } from './sim-server.js';
import { XdmaServer } from './xdma/xdma-server.js';

/** A virtual camera that can be reached. */
export interface Listener {
  /** The camera's address for a daemon on this machine. */
  uri: string;
  close(): Promise<void>;
}

type Listen = (port: DevicePort, text: string) => Promise<Listener>;

/** By what a listen address begins with. */
const ways: Record<string, Listen> = { tcp: listenTcp, xdma: listenXdma };
const EXPECTED = 'tcp:host:port or xdma:folder';

/**
 * Makes a virtual camera reachable at addresses such as `tcp:127.0.0.1:9870` and `xdma:/run/flimd`.
 * @throws FlimdError FLIMD_E_URI, FLIMD_E_PORT_IN_USE, FLIMD_E_LINK_OPEN; nothing stays open then
 */
export async function listenAt(port: DevicePort, addresses: readonly string[]): Promise<Listener[]> {
  const listeners: Listener[] = [];
  try {
    for (const text of addresses) listeners.push(await wayOf(text)(port, text));
    return listeners;
  } catch (error) {
    await Promise.all(listeners.map((each) => each.close()));
    throw error;
  }
}

function wayOf(text: string): Listen {
  const way = ways[text.slice(0, Math.max(0, text.indexOf(':'))).toLowerCase()];
  if (way) return way;
  throw new FlimdError('FLIMD_E_URI', 'a virtual camera cannot listen there', {
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
  const { address, port: actualPort } = server.address;
  return {
    uri: `tcp:${address.includes(':') ? `[${address}]` : address}:${actualPort}`,
    close: () => server.close(),
  };
}

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
