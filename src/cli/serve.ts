import { Command } from 'commander';
import { type ConfigOverride, loadConfig } from '../config/index.js';
import { startDaemon } from '../daemon.js';
import { FlimdError } from '../protocol/errors.js';

/** Flags of `flimd serve` that set one key of the configuration. */
const flagKeys: Record<string, { flag: string; key: string }> = {
  camera: { flag: '--camera', key: 'camera' },
  host: { flag: '--host', key: 'server.host' },
  port: { flag: '--port', key: 'server.port' },
  lifetime: { flag: '--lifetime', key: 'lifetime.mode' },
  model: { flag: '--model', key: 'lifetime.model' },
  minPhotons: { flag: '--min-photons', key: 'lifetime.minPhotons' },
  threads: { flag: '--threads', key: 'lifetime.threads' },
  frames: { flag: '--frames', key: 'acquisition.frameLimit' },
  slowControl: { flag: '--slow-control', key: 'slowControl.port' },
  logLevel: { flag: '--log-level', key: 'log.level' },
};

interface ServeFlags extends Record<string, unknown> {
  config?: string;
  start: boolean;
  set: string[];
  json?: boolean;
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('run the daemon: camera, lifetimes, stream and viewer')
    .option('--camera <uri>', 'camera: sim:[options], tcp:host:port, usb:[…] or pcie:[…]')
    .option(
      '--config <file>',
      'configuration file (default: flimd.config.yaml or .json here, if there is one)',
    )
    .option('--host <address>', 'address to listen on; anything but loopback needs FLIMD_TOKEN')
    .option('--port <number>', 'port to listen on; 0 takes any free one')
    .option('--lifetime <mode>', 'who computes lifetimes: device, host or shadow (both, compared)')
    .option('--model <name>', 'model package: a name in models/ or a directory (default: the one that fits)')
    .option('--min-photons <n>', 'pixels with fewer photons are invalid')
    .option('--threads <n>', 'threads of the host kernel; 0 = one per processor')
    .option('--frames <n>', 'end the series after so many frames; 0 = when stopped')
    .option('--slow-control <port>', 'serial port of the camera’s slow control: bias, temperatures, alarms')
    .option('--no-start', 'wait for a start from the viewer or the API')
    .option('--set <key=value>', 'any other key of the configuration (repeatable)', collect, [])
    .option('--log-level <level>', 'fatal, error, warn, info, debug, trace or silent')
    .option('--json', 'print the address as JSON, and failures too')
    .addHelpText(
      'after',
      `
Examples:
  flimd serve --camera sim:                                   built-in virtual camera, cells that move
  flimd serve --camera 'sim:fps=30&photons=500'               with other settings (docs/virtual-camera.md)
  flimd serve --camera 'sim:file=cells.sdt&laserPeriodPs=13157.895' --lifetime host
  flimd serve --camera tcp:127.0.0.1:9870 --lifetime shadow   compare device and host, pixel by pixel
  flimd serve --camera usb:serial=SN-7                        a certain camera; \`flimd devices\` lists what is there
  FLIMD_TOKEN=$(openssl rand -hex 16) flimd serve --host 0.0.0.0
Every key of the configuration: docs/configuration.md`,
    )
    .action(serve);
}

async function serve(flags: ServeFlags): Promise<void> {
  const config = loadConfig({ file: flags.config, overrides: overridesOf(flags), env: process.env });
  const starting = startDaemon(config);
  // From the beginning: the bias may be up before the daemon is ready, and no signal may leave it so.
  const closed = closeOnSignal(() => starting.then((daemon) => daemon.close()));
  closed.catch(() => {}); // A start that fails is told here:
  const daemon = await starting;
  process.stdout.write(
    flags.json ? `${JSON.stringify({ url: daemon.url, pid: process.pid })}\n` : `flimd: open ${daemon.url}\n`,
  );
  await closed;
}

function overridesOf(flags: ServeFlags): ConfigOverride[] {
  const overrides: ConfigOverride[] = Object.entries(flagKeys)
    .filter(([name]) => flags[name] !== undefined)
    .map(([name, { flag, key }]) => ({ key, value: flags[name], from: flag }));
  if (!flags.start) overrides.push({ key: 'acquisition.autoStart', value: false, from: '--no-start' });
  return [...overrides, ...flags.set.map(parseSet)];
}

export function parseSet(text: string): ConfigOverride {
  const at = text.indexOf('=');
  if (at > 0) return { key: text.slice(0, at), value: text.slice(at + 1), from: `--set ${text}` };
  throw new FlimdError('FLIMD_E_CONFIG', '--set is not understood', {
    value: text,
    expected: 'key=value, such as stream.maxClients=8',
    action: 'see docs/configuration.md for the keys',
  });
}

/** Resolves when SIGTERM or SIGINT has come and `close` is done; a second signal ends the process at once. */
export function closeOnSignal(close: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let closing = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (closing) process.exit(signal === 'SIGINT' ? 130 : 143);
      closing = true;
      close().then(resolve, reject);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

export function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}
