import { Command } from 'commander';
import { createDevice } from '../camera-sim/create-device.js';
import { parseSimOptions, simOptionTable } from '../camera-sim/options.js';
import { SimServer } from '../camera-sim/sim-server.js';
import { parseCameraUri } from '../link/index.js';
import { FlimdError } from '../protocol/errors.js';
import { closeOnSignal } from './serve.js';

export function simCommand(): Command {
  const command = new Command('sim')
    .description('run a virtual camera that daemons can connect to over TCP')
    .option('--listen <uri>', 'where to listen: tcp:host:port', 'tcp:127.0.0.1:9870')
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
then: flimd serve --camera tcp:127.0.0.1:9870`,
    )
    .action(sim);
}

async function sim(
  flags: Record<string, string | undefined> & { listen: string; json?: string },
): Promise<void> {
  const texts: Record<string, string> = {};
  for (const { key } of simOptionTable) if (flags[key] !== undefined) texts[key] = flags[key];
  const { host, port } = listenAddress(flags.listen);
  const server = await SimServer.listen(await createDevice(parseSimOptions(texts)), host, port);
  const { address, port: actualPort } = server.address;
  const uri = `tcp:${address.includes(':') ? `[${address}]` : address}:${actualPort}`;
  process.stdout.write(
    flags.json ? `${JSON.stringify({ uri, pid: process.pid })}\n` : `flimd: virtual camera at ${uri}\n`,
  );
  await closeOnSignal(() => server.close());
}

/** As a camera address, but port 0 is allowed: any free one. */
function listenAddress(text: string): { host: string; port: number } {
  const anyPort = /^(tcp:.*):0$/.exec(text);
  const uri = parseCameraUri(anyPort ? `${anyPort[1]}:1` : text);
  if (uri.kind === 'tcp') return { host: uri.host, port: anyPort ? 0 : uri.port };
  throw new FlimdError('FLIMD_E_URI', 'a virtual camera can only listen on TCP', {
    value: text,
    expected: 'tcp:host:port',
    action: 'for example --listen tcp:127.0.0.1:9870',
  });
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
