import { FlimdError } from '../protocol/errors.js';
import { USB_PRODUCT_ID, USB_VENDOR_ID } from '../protocol/usb.js';

/** A camera address as a person writes it. */
export type CameraUri =
  | { kind: 'sim'; options: Record<string, string> }
  | { kind: 'tcp'; host: string; port: number }
  | { kind: 'usb'; vendor: number; product: number; serial: string | null }
  /** Both null: the only one there is. */
  | { kind: 'pcie'; device: string | null; serial: string | null };

const MAX_PORT = 65535;
const EXPECTED =
  'sim:, sim:key=value&key=value, tcp:host:port, usb:, usb:vendor:product, usb:serial=text, pcie:, pcie:/dev/xdma0 or pcie:serial=text';
const DEFAULT_USB_IDS = { vendor: USB_VENDOR_ID, product: USB_PRODUCT_ID } as const;

/**
 * Reads a camera address: `sim:`, `sim:fps=20&photons=500`, `tcp:127.0.0.1:9870`, `tcp:[::1]:9870`, `usb:`,
 * `usb:1209:0001`, `usb:serial=SN-7`, `pcie:`, `pcie:xdma1`, `pcie:/dev/xdma1`, `pcie:serial=SN-7`.
 * The options of `sim:` are percent-decoded and passed on as text; their meaning is the virtual camera's.
 * @throws FlimdError FLIMD_E_URI
 */
export function parseCameraUri(text: string): CameraUri {
  const colon = text.indexOf(':');
  if (colon < 0) throw misunderstood(text, 'has no scheme');
  const scheme = text.slice(0, colon).toLowerCase();
  const rest = text.slice(colon + 1);
  switch (scheme) {
    case 'sim':
      return { kind: 'sim', options: parseOptions(text, rest) };
    case 'tcp':
      return parseTcp(text, rest);
    case 'usb':
      return parseUsb(text, rest);
    case 'pcie':
      return parsePcie(text, rest);
    default:
      throw misunderstood(text, `has the unknown scheme ${scheme}`);
  }
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

function parseUsb(uri: string, rest: string): CameraUri {
  if (rest === '') return { kind: 'usb', ...DEFAULT_USB_IDS, serial: null };
  const ids = /^([0-9a-f]{4}):([0-9a-f]{4})$/i.exec(rest);
  if (ids)
    return { kind: 'usb', vendor: parseInt(ids[1]!, 16), product: parseInt(ids[2]!, 16), serial: null };
  const serial = parseSerial(uri, rest);
  if (serial !== null) return { kind: 'usb', ...DEFAULT_USB_IDS, serial };
  throw misunderstood(uri, 'needs two numbers of four hexadecimal digits, or serial=, or nothing');
}

/** A name without a folder is one in /dev. */
function parsePcie(uri: string, rest: string): CameraUri {
  if (rest === '') return { kind: 'pcie', device: null, serial: null };
  const serial = parseSerial(uri, rest);
  if (serial !== null) return { kind: 'pcie', device: null, serial };
  const match = /^(\/(?:[^\s/]+\/)+)?(xdma\d+)$/.exec(rest);
  if (!match) {
    throw misunderstood(uri, 'needs the name of an XDMA device, such as xdma0 or /dev/xdma0, or serial=');
  }
  return { kind: 'pcie', device: `${match[1] ?? '/dev/'}${match[2]}`, serial: null };
}

/** The text behind `serial=`; null where there is none. */
function parseSerial(uri: string, rest: string): string | null {
  const text = /^serial=(.+)$/.exec(rest)?.[1];
  return text === undefined ? null : decode(uri, text);
}

function misunderstood(uri: string, why: string): FlimdError {
  return new FlimdError('FLIMD_E_URI', `the camera address ${why}`, {
    value: uri,
    expected: EXPECTED,
    action: 'for example --camera sim:, --camera tcp:127.0.0.1:9870, --camera usb: or --camera pcie:',
  });
}
