// Runs inside a guest: plugs a virtual camera in over USB/IP and runs the benchmark of the USB path on it, once for each
// address of the camera. Arguments: the camera's host, then NAME=PORT. Says what it saw in lines that begin with "FLIMD ".
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { listUsb } from '../../../dist/link/usb-discovery.js';
import { USB_PRODUCT_ID, USB_VENDOR_ID } from '../../../dist/protocol/usb.js';
import { say, until } from '../guest/telling.mjs';
import { attach, settle, unplugAll } from '../guest/usb-cable.mjs';

const program = path.resolve(import.meta.dirname, '../../../bench/usb.mjs');
const [host, ...addresses] = process.argv.slice(2);

const pluggedIn = async () => (await listUsb({ vendor: USB_VENDOR_ID, product: USB_PRODUCT_ID })).length > 0;
/** False while the camera is still starting, or does not know yet that it was pulled out. */
function attached(port) {
  try {
    attach(host, port);
    return true;
  } catch {
    return false;
  }
}

for (const address of addresses) {
  const [name, port] = address.split('=');
  await until(() => attached(port));
  await until(pluggedIn);
  settle();
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
  say('measured', { name, status, stderr, result: stdout && JSON.parse(stdout) });
  unplugAll();
  await until(async () => !(await pluggedIn()));
}
process.exit(0);
