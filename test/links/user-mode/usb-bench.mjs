// Runs inside the guest: plugs a virtual camera in over USB/IP and runs the benchmark of the USB path on it.
// Argument: the port on the host. Says what it saw in a line that begins with "FLIMD ".
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { listUsb } from '../../../dist/link/usb-discovery.js';
import { USB_PRODUCT_ID, USB_VENDOR_ID } from '../../../dist/protocol/usb.js';
import { say, until } from './telling.mjs';

const HOST = '10.0.2.2';
const program = path.resolve(import.meta.dirname, '../../../bench/usb.mjs');
const [port] = process.argv.slice(2);

execFileSync('usbip', ['--tcp-port', port, 'attach', '-r', HOST, '-b', '1-1'], { stdio: 'ignore' });
await until(async () => (await listUsb({ vendor: USB_VENDOR_ID, product: USB_PRODUCT_ID })).length > 0);
execFileSync('udevadm', ['settle', '--timeout=10'], {
  env: { ...process.env, SYSTEMD_IGNORE_CHROOT: '1' },
});
const { status, stdout, stderr } = spawnSync(process.execPath, [program], {
  encoding: 'utf8',
  env: { ...process.env, FLIMD_BENCH_ROUNDS: '1' },
});
say('measured', { status, stderr, result: stdout && JSON.parse(stdout) });
process.exit(0);
