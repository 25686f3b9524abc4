// Runs inside a guest: plugs a virtual camera in over USB/IP and runs the benchmark of the USB path on it, once for each
// address of the camera. Arguments: the camera's host, then NAME=PORT. Says what it saw in lines that begin with "FLIMD ".
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { listUsb } from '../../../dist/link/usb-discovery.js';
import { USB_PRODUCT_ID, USB_VENDOR_ID } from '../../../dist/protocol/usb.js';
import { say, until } from '../guest/telling.mjs';

const program = path.resolve(import.meta.dirname, '../../../bench/usb.mjs');
const [host, ...addresses] = process.argv.slice(2);

const usbip = (...args) => spawnSync('usbip', args, { encoding: 'utf8' });
const pluggedIn = async () => (await listUsb({ vendor: USB_VENDOR_ID, product: USB_PRODUCT_ID })).length > 0;

for (const address of addresses) {
  const [name, port] = address.split('=');
  // The camera may still be starting, or not know yet that it was pulled out.
  await until(() => usbip('--tcp-port', port, 'attach', '-r', host, '-b', '1-1').status === 0);
  await until(pluggedIn);
  execFileSync('udevadm', ['settle', '--timeout=10'], {
    env: { ...process.env, SYSTEMD_IGNORE_CHROOT: '1' },
  });
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
  say('measured', { name, status, stderr, result: stdout && JSON.parse(stdout) });
  const [, used] = /^Port (\d+): <Port in Use>/m.exec(usbip('port').stdout);
  usbip('detach', '-p', String(Number(used)));
  await until(async () => !(await pluggedIn()));
}
process.exit(0);
