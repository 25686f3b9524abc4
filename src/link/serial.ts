import type { SerialPort } from 'serialport';
import { FlimdError } from '../protocol/errors.js';
import { lostError } from './link-errors.js';
import type { ByteChannel, ChannelEvents } from './link.js';

export interface SerialTarget {
  /** `/dev/ttyUSB0`, `/dev/serial/by-id/…`, `COM3`. */
  path: string;
  baud: number;
}

/**
 * Opens a serial port: 8 data bits, no parity, 1 stop bit, no flow control, for this program alone.
 * @throws FlimdError FLIMD_E_LINK_OPEN
 */
export async function openSerial(target: SerialTarget, events: ChannelEvents): Promise<ByteChannel> {
  const { path, baud } = target;
  const { SerialPort } = await serialPackage();
  const port = new SerialPort({ path, baudRate: baud, autoOpen: false, lock: true });
  await new Promise<void>((resolve, reject) =>
    port.open((error) => (error ? reject(openError(path, error)) : resolve())),
  );
  const close = watch(port, path, events);
  port.on('data', events.onBytes);
  // A port that breaks in a write tells so by 'close' as well.
  return { send: (bytes) => void port.write(bytes), close };
}

/** Reports the end of the port once, unless it is our own; returns the function that ends it. */
function watch(port: SerialPort, path: string, { onLost }: ChannelEvents): () => Promise<void> {
  let over = false;
  const lost = (cause?: Error): void => {
    if (over) return;
    over = true;
    onLost(lostError(path, cause));
  };
  port.on('error', lost);
  port.on('close', (cause?: Error | null) => lost(cause ?? undefined));
  port.on('end', () => lost());
  return async () => {
    over = true;
    if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
  };
}

export interface SerialPortDescription {
  path: string;
  serial: string | null;
  maker: string | null;
}

/**
 * The serial ports of this machine.
 * @throws FlimdError FLIMD_E_CAPABILITY where the system does not list them
 */
export async function serialPorts(): Promise<SerialPortDescription[]> {
  const { SerialPort } = await serialPackage();
  try {
    const ports = await SerialPort.list();
    return ports.map(({ path, serialNumber, manufacturer }) => ({
      path,
      serial: serialNumber ?? null,
      maker: manufacturer ?? null,
    }));
  } catch (cause) {
    throw new FlimdError(
      'FLIMD_E_CAPABILITY',
      'the serial ports of this machine cannot be listed',
      {
        value: (cause as Error).message,
        expected: 'the program udevadm, which asks the system for them',
        action: 'install udev, or name the port: see /dev/serial/by-id',
      },
      { cause },
    );
  }
}

/** Loaded only where a serial port is used: a machine without its prebuilt binding can do everything else. */
async function serialPackage(): Promise<typeof import('serialport')> {
  try {
    return await import('serialport');
  } catch (cause) {
    throw new FlimdError(
      'FLIMD_E_NATIVE_MISSING',
      `the serial port package does not load: ${(cause as Error).message.split('\n')[0]}`,
      { expected: 'the package serialport, built for this machine', action: 'run `npm ci` again' },
      { cause },
    );
  }
}

/** The package tells of the system's errors only in words. */
const openFailures: readonly { says: RegExp; message: string; expected: string; action: string }[] = [
  {
    says: /no such file|file not found|no such device/i,
    message: 'there is no such serial port',
    expected: 'a device node of this machine',
    action: 'check the cable, and look at /dev/serial/by-id; the numbers of /dev/ttyUSB* move',
  },
  {
    says: /permission denied|access denied/i,
    message: 'this user may not open the serial port',
    expected: 'membership of the group that owns it, on most systems dialout',
    action:
      'sudo usermod -a -G dialout $USER and log in again, or let a udev rule give it to this user: SUBSYSTEM=="tty", ATTRS{serial}=="…", TAG+="uaccess"',
  },
  {
    says: /cannot lock port|resource busy|temporarily unavailable/i,
    message: 'another program has the serial port open',
    expected: 'a port that no one else uses',
    action: 'end that program (fuser -v PORT names it); ModemManager may take new ports for a while',
  },
  {
    says: /inappropriate ioctl|not a tty|invalid argument/i,
    message: 'this is not a serial port, or not one of this speed',
    expected: 'a serial port that can do 115200 baud',
    action: 'check the path',
  },
];

function openError(path: string, cause: Error): FlimdError {
  const found = openFailures.find(({ says }) => says.test(cause.message));
  const { message, expected, action } = found ?? {
    message: `the serial port cannot be opened: ${cause.message}`,
    expected: 'a serial port of this machine',
    action: 'check the path and the cable',
  };
  return new FlimdError(
    'FLIMD_E_LINK_OPEN',
    `${message}: ${path}`,
    { value: path, expected, action },
    { cause },
  );
}
