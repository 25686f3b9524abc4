import { Command } from 'commander';
import { createDevice } from '../camera-sim/create-device.js';
import { parseSimOptions, simOptionTable } from '../camera-sim/options.js';
import { createSlowControl } from '../camera-sim/slow-control/create-slow-control.js';
import { parseSlowControlFaults } from '../camera-sim/slow-control/line-faults.js';
import { isSlowControl, listenAt } from '../camera-sim/listen.js';
import { closeOnSignal } from './serve.js';

const DEFAULT_LISTEN = 'tcp:127.0.0.1:9870';

export function simCommand(): Command {
  const command = new Command('sim')
    .description('run a virtual camera that daemons can connect to')
    .option(
      '--listen <uri>',
      `where to listen (repeatable): tcp:host:port, usbip:[host:]port[?speed=high&rate=unlimited], xdma:folder, pty:path for its slow control (default: ${DEFAULT_LISTEN})`,
      collect,
    )
    .option(
      '--slow-control-faults <list>',
      'of the slow control, such as noise:0.1,silence:0.05,interlock@5000 (docs/slow-control.md)',
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
  flimd sim --core hls                                     lifetimes from the core of the bitstream
  flimd sim --core rtl --width 32 --height 32 --photons 40 --fps 4
                                                           its Verilog too, after npm run build:rtl
  flimd sim --faults drop:0.01,corrupt:0.01                a bad cable
  flimd sim --listen usbip:3240                            a USB camera: usbip attach -r 127.0.0.1 -b 1-1
  flimd sim --listen xdma:/run/flimd-sim                   the device nodes of a PCIe camera (root)
  flimd sim --listen tcp:127.0.0.1:9870,pty:/tmp/sc        with its slow control: serve … --slow-control /tmp/sc;
                                                           dark until the bias is up
then: flimd serve --camera tcp:127.0.0.1:9870              or --camera pcie:/run/flimd-sim/xdma0`,
    )
    .action(sim);
}

async function sim(flags: Record<string, string | undefined>, command: Command): Promise<void> {
  const texts: Record<string, string> = {};
  for (const { key } of simOptionTable) if (flags[key] !== undefined) texts[key] = flags[key];
  const { listen = [DEFAULT_LISTEN] } = command.opts<{ listen?: string[] }>();
  const options = parseSimOptions(texts);
  const { port, sensor } = createSlowControl(
    options,
    parseSlowControlFaults(flags['slowControlFaults'] ?? ''),
  );
  // Without a slow control nobody could bring the bias up.
  const device = await createDevice(options, listen.some(isSlowControl) ? sensor : null);
  const listeners = await listenAt(device, listen, port);
  const uris = listeners.map(({ uri }) => uri);
  process.stdout.write(
    flags['json']
      ? `${JSON.stringify({ uri: uris[0], uris, pid: process.pid })}\n`
      : `flimd: virtual camera at ${uris.join(' and ')}\n`,
  );
  await closeOnSignal(async () => void (await Promise.all(listeners.map((each) => each.close()))));
}

/** Each may be a list. */
function collect(text: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), ...text.split(',')];
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
