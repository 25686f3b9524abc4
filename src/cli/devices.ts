import { Command } from 'commander';
import { discoverDevices, type FoundDevice } from '../link/discovery.js';

export function devicesCommand(): Command {
  return new Command('devices')
    .description('list the cameras that are there, over every link, and why one cannot be opened')
    .option('--json', 'print the list as JSON, and failures too')
    .addHelpText(
      'after',
      `
Examples:
  flimd devices             what can be given to flimd serve --camera
  flimd devices --json      the same for programs: [{uri, link, serial, name, problem}]
Virtual cameras and those on the network are not listed: sim: needs no device, tcp:host:port cannot be searched.`,
    )
    .action(devices);
}

async function devices({ json }: { json?: boolean }): Promise<void> {
  const found = await discoverDevices();
  process.stdout.write(json ? `${JSON.stringify(found)}\n` : deviceList(found));
}

/** For a person: an address a line, and below it what keeps it from being used. */
export function deviceList(found: readonly FoundDevice[]): string {
  if (found.length === 0) return 'no camera on USB or PCIe\n';
  return found.map(entry).join('');
}

function entry({ uri, name, serial, problem }: FoundDevice): string {
  const head = `${uri ?? '-'}  ${name}${serial === null ? '' : `, serial number ${serial}`}\n`;
  if (!problem) return head;
  const lines = [`${problem.message} [${problem.code}]`];
  if (problem.expected) lines.push(`expected: ${problem.expected}`);
  if (problem.action) lines.push(`to do:    ${problem.action}`);
  return head + lines.map((line) => `  ${line}\n`).join('');
}
