import { spawn } from 'node:child_process';
import { Command, Option } from 'commander';
import { cpus } from 'node:os';
import { FlimdError } from '../protocol/errors.js';
import { version } from '../version.js';

/** Each is a program in bench/ that prints one JSON object. */
const benches = ['pipeline', 'kernel', 'decoder', 'stream', 'recording', 'links', 'usb'] as const;

export function benchCommand(): Command {
  return new Command('bench')
    .description(
      'measure this machine: whole path, integer network, decoder, stream, recorder, links, a USB camera',
    )
    .addOption(new Option('--only <name...>', 'run only these').choices([...benches]))
    .option('--json', 'print nothing but the JSON result')
    .addHelpText(
      'after',
      `
Examples:
  flimd bench                          everything, about a minute
  flimd bench --only pipeline --json   frames/s and latency from device to client
  flimd bench --only usb               the USB camera that is plugged in, beside a bare reader of it

The result is JSON either way. Figures of a shared machine are noisy: compare ratios from one run.`,
    )
    .action(bench);
}

async function bench(flags: { only?: string[]; json?: boolean }): Promise<void> {
  const results: Record<string, unknown> = {};
  for (const name of benches.filter((candidate) => !flags.only || flags.only.includes(candidate))) {
    if (!flags.json) process.stderr.write(`${name} …\n`);
    results[name] = await runBench(name);
  }
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', processors: cpus().length, node: process.version };
  process.stdout.write(`${JSON.stringify({ version, machine, ...results }, null, 2)}\n`);
}

function runBench(name: string): Promise<unknown> {
  const program = new URL(`../../bench/${name}.mjs`, import.meta.url).pathname;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output));
      else reject(new FlimdError('FLIMD_E_INTERNAL', `bench/${name}.mjs ended with status ${code}`));
    });
  });
}
