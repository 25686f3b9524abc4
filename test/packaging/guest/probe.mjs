// Runs in the sandbox of flimd.service, as its user: what can be reached from there? Prints one object of JSON.
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';

const attempt = (work) => {
  try {
    work();
    return 'ok';
  } catch ({ code, message }) {
    return code ?? message;
  }
};
const open = (file) => attempt(() => closeSync(openSync(file, 'r+')));
const write = (file) => attempt(() => writeFileSync(file, 'x'));
const status = readFileSync('/proc/self/status', 'utf8');
const field = (name) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)[1];

const found = {
  user: field('Uid').split('\t')[0],
  groups: field('Groups').trim().split(' '),
  capabilities: field('CapBnd'),
  noNewPrivileges: field('NoNewPrivs'),
  seccomp: field('Seccomp'),
  devices: Object.fromEntries(process.argv.slice(2).map((file) => [file, open(file)])),
  files: Object.fromEntries(
    [
      '/var/lib/flimd/probe',
      '/tmp/probe',
      '/etc/flimd/probe',
      '/usr/lib/flimd/probe',
      '/opt/check/probe',
    ].map((file) => [file, write(file)]),
  ),
  token: process.env.FLIMD_TOKEN ?? null,
};
process.stdout.write(`${JSON.stringify(found)}\n`);
