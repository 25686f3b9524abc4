import { FlimdError } from '../protocol/errors.js';

/** A camera address as a person writes it. */
export type CameraUri =
  { kind: 'sim'; options: Record<string, string> } | { kind: 'tcp'; host: string; port: number };

const MAX_PORT = 65535;
const EXPECTED = 'sim:, sim:key=value&key=value or tcp:host:port';
const notBuilt: Record<string, string> = { usb: 'USB', pcie: 'PCIe' };

/**
 * Reads a camera address: `sim:`, `sim:fps=20&photons=500`, `tcp:127.0.0.1:9870`, `tcp:[::1]:9870`.
 * The options of `sim:` are percent-decoded and passed on as text; their meaning is the virtual camera's.
 * @throws FlimdError FLIMD_E_URI
 */
export function parseCameraUri(text: string): CameraUri {
  const colon = text.indexOf(':');
  if (colon < 0) throw misunderstood(text, 'has no scheme');
  const scheme = text.slice(0, colon).toLowerCase();
  const rest = text.slice(colon + 1);
  if (scheme === 'sim') return { kind: 'sim', options: parseOptions(text, rest) };
  if (scheme === 'tcp') return parseTcp(text, rest);
  if (scheme in notBuilt) {
    throw new FlimdError('FLIMD_E_URI', `${notBuilt[scheme]} cameras are not built yet`, {
      value: text,
      expected: EXPECTED,
      action: 'connect the camera over TCP, or use the virtual one: sim:',
    });
  }
  throw misunderstood(text, `has the unknown scheme ${scheme}`);
}

function parseOptions(uri: string, query: string): Record<string, string> {
  const options = new Map<string, string>();
  for (const pair of query.replace(/^\?/, '').split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    if (equals < 1) throw misunderstood(uri, `has an option without a value: ${pair}`);
    const key = decode(uri, pair.slice(0, equals));
    if (options.has(key)) throw misunderstood(uri, `sets ${key} twice`);
    options.set(key, decode(uri, pair.slice(equals + 1)));
  }
  return Object.fromEntries(options);
}

function decode(uri: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw misunderstood(uri, `has a "%" that is not followed by two hexadecimal digits of UTF-8: ${text}`);
  }
}

function parseTcp(uri: string, rest: string): CameraUri {
  const match = /^(?:\/\/)?(?:\[([0-9a-f:.]+)\]|([^\s:/[\]]+)):(\d{1,5})\/?$/i.exec(rest);
  const port = Number(match?.[3]);
  if (!match || port < 1 || port > MAX_PORT) {
    throw misunderstood(uri, `needs a host and a port from 1 to ${MAX_PORT}`);
  }
  return { kind: 'tcp', host: (match[1] ?? match[2])!, port };
}

function misunderstood(uri: string, why: string): FlimdError {
  return new FlimdError('FLIMD_E_URI', `the camera address ${why}`, {
    value: uri,
    expected: EXPECTED,
    action: 'for example --camera sim: or --camera tcp:127.0.0.1:9870',
  });
}
