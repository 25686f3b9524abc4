import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDevice } from '../../src/camera-sim/index.js';
import { parseSimOptions } from '../../src/camera-sim/options.js';
import { UsbIpServer } from '../../src/camera-sim/usbip/usbip-server.js';
import { version } from '../../src/version.js';
import { Guest, missingForGuest } from '../links/guest/guest.js';
import { GuestReport } from '../links/guest/guest-report.js';
import { findTool } from '../support/tools.js';
import { buildPackage, run } from './commands.js';
import { diskImage, rootWithPackage } from './debian-root.js';

/** Two packages and a Debian are made first. */
const PREPARE_MS = 600_000;
const BOOT_AND_RUN_MS = 1_200_000;
const guestFiles = path.join(import.meta.dirname, 'guest');
const camera = parseSimOptions({ width: '32', height: '24', fps: '5', photons: '100', seed: '9' });
/** Units that only cost time in an emulated machine. */
const masked = [
  'serial-getty@ttyS0.service',
  'getty@tty1.service',
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
];

/** What is missing, as one line that says what to install; null if nothing is. */
function missingHere(): string | null {
  const tools = ['debootstrap', 'dpkg-shlibdeps', 'strip', 'cc', 'mke2fs'].filter((tool) => !findTool(tool));
  const packages = 'debootstrap dpkg-dev binutils gcc e2fsprogs';
  return tools.length > 0 ? `needs ${tools.join(', ')}: apt-get install ${packages}` : missingForGuest();
}

const missing = missingHere();
if (missing && !process.env.CI) console.log(`skipped: the Debian package in a clean root (${missing})`);

describe.skipIf(missing !== null && !process.env.CI)(
  'the Debian package in a clean root with systemd',
  () => {
    let server: UsbIpServer;
    let folder: string;
    const report = new GuestReport(() => {});
    const said = (what: string): any => report.said(what);

    /** What the check needs, beside the installed package. */
    async function addCheck(root: string, next: string): Promise<void> {
      const check = path.join(root, 'opt/check');
      mkdirSync(check, { recursive: true });
      for (const name of ['check.mjs', 'system.mjs', 'probe.mjs']) {
        cpSync(path.join(guestFiles, name), path.join(check, name));
      }
      cpSync(next, path.join(check, 'next.deb'));
      writeFileSync(path.join(check, 'port'), String(server.address.port));
      const holder = path.join(guestFiles, 'hold-thread.c');
      await run('cc', ['-static', '-O1', '-o', path.join(check, 'hold-thread'), holder]);
      const units = path.join(root, 'etc/systemd/system');
      cpSync(path.join(guestFiles, 'check.service'), path.join(units, 'check.service'));
      symlinkSync('../check.service', path.join(units, 'multi-user.target.wants/check.service'));
      for (const unit of masked) {
        rmSync(path.join(units, unit), { force: true });
        symlinkSync('/dev/null', path.join(units, unit));
      }
    }

    beforeAll(async () => {
      if (missing) throw new Error(missing);
      folder = mkdtempSync(path.join(tmpdir(), 'flimd-clean-'));
      server = await UsbIpServer.listen(await createDevice(camera), {
        host: '127.0.0.1',
        tcpPort: 0,
        speed: 'high',
      });
      const root = await rootWithPackage(folder, await buildPackage(folder));
      await addCheck(root, await buildPackage(folder, `${version}+next`));
      const image = await diskImage(root, path.join(folder, 'disk'));
      rmSync(root, { recursive: true });
      const guest = {
        init: path.join(guestFiles, 'init.sh'),
        modules: ['virtio_blk', 'ext4', 'autofs4', 'vhci-hcd'],
        words: ['systemd.show_status=0', 'systemd.journald.max_level_console=emerg'],
        devices: [...['-drive', `file=${image},if=virtio,format=raw,cache=unsafe`], ...['-serial', 'null']],
      };
      await report.boot((onLine) => Guest.boot({ ...guest, onLine }), BOOT_AND_RUN_MS);
    }, PREPARE_MS + BOOT_AND_RUN_MS);

    afterAll(async () => {
      await server?.close();
      if (folder) rmSync(folder, { recursive: true, force: true });
    });

    it('is installed by apt, enabled, and started at boot', () => {
      const { booted, version: printed, verify, exposure } = said('installed');
      expect(booted).toMatchObject({
        UnitFileState: 'enabled',
        Type: 'notify',
        WatchdogUSec: '20s',
        Result: 'success',
      });
      expect(printed).toBe(version);
      expect(verify).toEqual({ status: 0, output: '' });
      const figure = Number(/: ([\d.]+) OK/.exec(exposure)?.[1]);
      expect(figure).toBeGreaterThan(0);
      expect(figure).toBeLessThanOrEqual(2);
    });

    it('is active only when it serves and has tried the camera', () => {
      const { seen, status, StatusText } = said('ready');
      expect(seen).toEqual(expect.arrayContaining(['activating']));
      expect(seen.at(-1)).not.toBe('inactive');
      expect(status.state).toMatchObject({ name: 'disconnected', error: { code: 'FLIMD_E_LINK_OPEN' } });
      expect(StatusText).toContain('disconnected: ');
    });

    it('runs as its own user, in the groups of the devices, with its state', () => {
      const { Uid, Gid, ids, state } = said('ready');
      expect(Number(ids.user)).toBeGreaterThan(0);
      expect(Uid.split('\t')).toEqual(Array(4).fill(ids.user));
      expect(Gid.split('\t')).toEqual(Array(4).fill(ids.group));
      expect(ids.names.split(' ').sort()).toEqual(['dialout', 'flimd', 'plugdev']);
      expect(state).toEqual({ mode: 0o750, uid: Number(ids.user) });
    });

    it('is shut in: devices of cameras and serial ports, its own state, nothing else', () => {
      const { probe, ttyS1 } = said('sandbox');
      expect(probe).toMatchObject({ capabilities: '0000000000000000', noNewPrivileges: '1', seccomp: '2' });
      // Nodes of drivers that are not there, open to everyone: the kernel gets as far as looking for the driver, or not.
      expect(probe.devices).toMatchObject({
        '/dev/probe-usb': expect.stringMatching(/^(ENODEV|ENXIO)$/),
        '/dev/probe-ttyUSB': 'ENXIO',
        '/dev/probe-ttyACM': 'ENXIO',
        '/dev/probe-ttyAMA': 'ENXIO',
        '/dev/probe-other': 'EPERM',
        '/dev/ttyS1': 'ok',
      });
      expect(ttyS1).toBe('4 dialout 660');
      expect(probe.devices['/dev/vda']).toMatch(/^(EPERM|EACCES)$/);
      expect(probe.files).toEqual({
        '/var/lib/flimd/probe': 'ok',
        '/tmp/probe': 'ok',
        // Its configuration belongs to root.
        '/etc/flimd/probe': 'EACCES',
        '/usr/lib/flimd/probe': 'EROFS',
        '/opt/check/probe': 'EROFS',
      });
      expect(probe.token).toBe('0123456789abcdef');
    });

    it('takes a camera that is plugged in, through the udev rule of the package', () => {
      const { frame, camera: found, node, StatusText } = said('camera');
      expect(node).toBe('660 plugdev');
      expect(found).toMatchObject({ serial: 'SIM-00000009', width: 32, height: 24 });
      expect(frame).toMatchObject({ complete: true, pixels: 32 * 24 });
      expect(StatusText).toMatch(/^acquiring, series \d+, \d+\.\d frames\/s/);
    });

    it('records into its own folder', () => {
      const { file, mode, size, frames, end } = said('recorded');
      expect(file).toBe('/var/lib/flimd/recordings/check.h5');
      expect(mode & 0o007).toBe(0);
      expect(size).toBeGreaterThan(3 * 32 * 24 * 8);
      expect(frames).toMatchObject({ recorded: 3, partial: 0 });
      expect(end).toMatchObject({ reason: 'frameLimit', error: null });
    });

    it('is restarted when the whole program hangs, and takes the camera again', () => {
      const { log: words, NRestarts } = said('stopped program');
      expect(words.join('\n')).toContain('Watchdog timeout');
      expect(NRestarts).toBe('1');
      expect(said('camera again').frame.series).toBeGreaterThan(said('camera').frame.series);
    });

    it('is restarted when only the acquisition thread hangs, while everything else still answers', () => {
      const { log: words, NRestarts, stillAnswers, wakes, next } = said('held thread');
      // It is that thread that was held: no other wakes up as often.
      expect(wakes).toBeGreaterThan(3 * next);
      expect(stillAnswers).toBe('disconnected');
      expect(words.join('\n')).toContain('Watchdog timeout');
      expect(NRestarts).toBe('2');
    });

    it('stops in order in the middle of a run', () => {
      const { ExecMainStatus, ExecMainCode, Result, ActiveState, tookS } = said('stopped');
      expect({ ExecMainStatus, ExecMainCode, Result, ActiveState }).toEqual({
        ExecMainStatus: '0',
        ExecMainCode: '1',
        Result: 'success',
        ActiveState: 'inactive',
      });
      expect(tookS).toBeLessThan(120);
    });

    it('is upgraded while it runs, with its configuration kept', () => {
      const { status, version: installed, kept, enabled } = said('upgraded');
      expect(status).toBe(0);
      expect(installed).toBe(`${version}+next install ok installed`);
      expect({ kept, enabled }).toEqual({ kept: true, enabled: 'enabled' });
    });

    it('leaves nothing when it is purged', () => {
      const { status, left, user, LoadState } = said('purged');
      expect(status).toBe(0);
      expect(left).toEqual([]);
      expect(user).not.toBe(0);
      expect(LoadState).toBe('not-found');
    });
  },
);
