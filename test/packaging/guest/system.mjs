// What the check asks of the system it runs on.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export const URL_OF_SERVICE = 'http://127.0.0.1:8650';
const HOST = '10.0.2.2';
/** An emulated processor beside others' work starts the daemon in a minute. */
const PATIENCE_MS = 360_000;

/** Standard output of a command; the test ends where it fails. */
export const run = (name, ...args) => execFileSync(name, args, { encoding: 'utf8' }).trim();

/** Exit status and all that a command printed. */
export function outcome(name, ...args) {
  try {
    return { status: 0, output: execFileSync(name, args, { encoding: 'utf8', stdio: 'pipe' }) };
  } catch ({ status, stdout, stderr }) {
    return { status, output: `${stdout}${stderr}` };
  }
}

/** Properties of flimd.service as systemd has them. */
export function service(...names) {
  const lines = run('systemctl', 'show', 'flimd', ...names.map((name) => `--property=${name}`)).split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

export async function until(condition, everyMs = 300) {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`not within ${PATIENCE_MS} ms: ${condition}`);
    await pause(everyMs);
  }
}

/** The daemon's status, or null where nobody answers. */
export async function daemonStatus() {
  try {
    return await (await fetch(`${URL_OF_SERVICE}/api/v1/status`)).json();
  } catch {
    return null;
  }
}

export const inState = (name) => until(async () => (await daemonStatus())?.state.name === name);

export function plugIn(port) {
  run('usbip', '--tcp-port', port, 'attach', '-r', HOST, '-b', '1-1');
}

export function unplug() {
  run('usbip', 'detach', '-p', '0');
}

/** The device node of the camera that is plugged in. */
export function cameraNode() {
  const folder = '/sys/bus/usb/devices';
  const devices = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}/uevent`, 'utf8'));
  const camera = devices.find(
    (uevent) => /^DEVTYPE=usb_device$/m.test(uevent) && /^PRODUCT=1209\/1\//m.test(uevent),
  );
  return `/dev/${/^DEVNAME=(.*)$/m.exec(camera)[1]}`;
}

/** A status file of /proc as an object. */
export function procStatus(path) {
  const lines = readFileSync(`/proc/${path}/status`, 'utf8').split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/:\s*(.*)/s).slice(0, 2)));
}

export const journal = (...args) => run('journalctl', '--no-pager', '--output=cat', ...args);
