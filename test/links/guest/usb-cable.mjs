// The cable of a virtual camera, inside a guest: usbip and what the kernel says of its ports.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** udevadm is shy of a changed root. */
export const inChroot = { env: { ...process.env, SYSTEMD_IGNORE_CHROOT: '1' } };

/** Plugs in the camera that is exported there. */
export function attach(host, port) {
  execFileSync('usbip', ['--tcp-port', port, 'attach', '-r', host, '-b', '1-1'], { stdio: 'ignore' });
}

/** The rules of udev have been applied. */
export function settle() {
  execFileSync('udevadm', ['settle', '--timeout=10'], inChroot);
}

export function unplugAll() {
  for (const port of attachedPorts()) execFileSync('usbip', ['detach', '-p', port], { stdio: 'ignore' });
}

/** vhci's table: hub, port, state (6 is in use), … */
export function attachedPorts() {
  const table = readFileSync('/sys/devices/platform/vhci_hcd.0/status', 'utf8');
  return [...table.matchAll(/^\S+ +(\d+) 006 /gm)].map((match) => String(Number(match[1])));
}
