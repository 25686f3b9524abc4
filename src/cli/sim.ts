import { Command } from 'commander';
import { createDevice, serialOf } from '../camera-sim/create-device.js';
import { parseSimOptions, type SimOptions, simOptionTable } from '../camera-sim/options.js';
import type { SlowControlPortOptions } from '../camera-sim/pty/slow-control-port.js';
import { parseSlowControlFaults } from '../camera-sim/slow-control/line-faults.js';
import { FlimdError } from '../protocol/errors.js';
import type { UsbSpeed } from '../protocol/index.js';
import { version } from '../version.js';
import { closeOnSignal } from './serve.js';
import { type Listener, listenAt } from './sim-listen.js';

const DEFAULT_LISTEN = 'tcp:127.0.0.1:9870';

interface SimFlags extends Record<string, unknown> {
  listen: string[];
  usbSpeed: string;
  slowControlFaults: string;
  json?: boolean;
}

export function simCommand(): Command {
  const command = new Command('sim')
    .description('run a virtual camera that daemons can connect to over TCP or USB')
    .option(
      '--listen <uri>',
      `where to listen: tcp:host:port, usbip:[host:]port or pty:path (slow control); repeatable (default: ${DEFAULT_LISTEN})`,
      (uri: string, before: string[]) => [...before, uri],
      [],
    )
    .option('--usb-speed <speed>', 'of the USB camera: high or super', 'super')
    .option(
      '--slow-control-faults <list>',
      'such as noise:0.1,silence:0.05,interlock@5000 (docs/slow-control.md)',
      '',
    )
    .option('--json', 'print the address as JSON, and failures too');
  for (const { key, meaning } of simOptionTable) command.option(`--${kebab(key)} <value>`, meaning);
  return command
    .addHelpText(
      'after',
      `
Examples:
  flimd sim                                                cells, on 127.0.0.1:9870
  flimd sim --fps 30 --photons 500 --outputs histograms    a camera without a network: the host computes
  flimd sim --file cells.sdt.zip --laser-period-ps 13157.895
  flimd sim --faults drop:0.01,corrupt:0.01                a bad cable
  flimd sim --listen usbip:3240                            a USB camera: usbip attach -r 127.0.0.1 -b 1-1
  flimd sim --listen tcp:127.0.0.1:9870 --listen pty:/tmp/slow-control
                                                           with its slow control as a serial port
then: flimd serve --camera tcp:127.0.0.1:9870 [--slow-control /tmp/slow-control]`,
    )
    .action(sim);
}

async function sim(flags: SimFlags): Promise<void> {
  const texts: Record<string, string> = {};
  for (const { key } of simOptionTable) if (typeof flags[key] === 'string') texts[key] = flags[key];
  const usbSpeed = parseSpeed(flags.usbSpeed);
  const options = parseSimOptions(texts);
  const slowControl = slowControlOf(options, flags.slowControlFaults);
  const device = await createDevice(options);
  const listeners: Listener[] = [];
  const close = async (): Promise<void> => void (await Promise.all(listeners.map((each) => each.close())));
  try {
    for (const uri of flags.listen.length > 0 ? flags.listen : [DEFAULT_LISTEN]) {
      listeners.push(await listenAt(device, uri, { usbSpeed, slowControl }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const uris = listeners.map(({ uri }) => uri);
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ uri: uris[0], uris, pid: process.pid })}\n`
      : `flimd: virtual camera at ${uris.join(' and ')}\n`,
  );
  await closeOnSignal(close);
}

const DEFAULT_LASER_PERIOD_PS = 12_500;

function slowControlOf(options: SimOptions, faults: string): SlowControlPortOptions {
  return {
    serial: serialOf(options),
    firmware: version,
    laserHz: Math.round(1e12 / (options.laserPeriodPs ?? DEFAULT_LASER_PERIOD_PS)),
    seed: options.seed,
    faults: parseSlowControlFaults(faults),
  };
}

function parseSpeed(text: string): UsbSpeed {
  if (text === 'high' || text === 'super') return text;
  throw new FlimdError('FLIMD_E_CONFIG', 'the USB speed is not valid', {
    value: text,
    expected: 'high or super',
    action: 'for example --usb-speed high',
  });
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
