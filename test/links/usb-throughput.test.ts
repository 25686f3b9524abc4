import { beforeAll, describe, expect, it } from 'vitest';
import { GuestReport } from './guest/guest-report.js';
import { CAMERA_HOST, missingForUserMode, UserModeGuest } from './user-mode/user-mode-guest.js';

const BOOT_AND_RUN_MS = 300_000;
/** Packets of 128 KiB. */
const camera = '--width 128 --height 64 --bins 64 --fps 0 --photons 50 --cache-frames 4 --outputs histograms';
/** Where one and the same camera listens: as a bus of either speed carries it, and as fast as it can be attached. */
const buses = { super: '3240', high: '3241?speed=high', unlimited: '3242?rate=unlimited' };

interface Packets {
  sent: number;
  received: number;
  lost: number;
}

const missing = missingForUserMode();
if (missing && !process.env.CI) console.log(`skipped: the USB benchmark on a kernel of its own (${missing})`);

/**
 * `bench/usb.mjs` against a real kernel, its usbfs and libusb. How fast either reader is depends on this machine: the
 * figures are printed, and what the readers saw is compared.
 */
describe.skipIf(missing !== null && !process.env.CI)('the benchmark of the USB path', () => {
  const results = new Map<string, any>();

  beforeAll(async () => {
    if (missing) throw new Error(missing);
    const report = new GuestReport(() => {});
    const listen = Object.values(buses).flatMap((address) => ['--listen', `usbip:${CAMERA_HOST}:${address}`]);
    const ports = Object.entries(buses).map(([name, address]) => `${name}=${parseInt(address)}`);
    await report.boot(
      (onLine) =>
        UserModeGuest.boot({
          camera: [...camera.split(' '), ...listen],
          run: 'test/links/user-mode/usb-bench.mjs',
          args: [CAMERA_HOST, ...ports],
          onLine,
        }),
      BOOT_AND_RUN_MS - 10_000,
    );
    for (const name of Object.keys(buses)) {
      const measured = report.said('measured', { name });
      if (!measured.result?.usb) throw new Error(`no figures: ${JSON.stringify(measured)}`);
      console.log(`USB, bus "${name}": ${JSON.stringify(measured.result)}`);
      results.set(name, measured.result.usb);
    }
  }, BOOT_AND_RUN_MS);

  describe.each(Object.keys(buses))('on the bus "%s"', (name) => {
    it('reads every packet that the camera sent, with the C reader and with the daemon’s path', () => {
      for (const { sent, received, lost } of Object.values<Packets>(results.get(name).packets)) {
        expect(sent).toBeGreaterThan(64);
        expect(received).toBe(sent);
        expect(lost).toBe(0);
      }
    });

    it('finds the same histograms in both', () => {
      for (const [bare, daemon] of results.get(name).checksums) {
        expect(bare).not.toBe(0);
        expect(daemon).toBe(bare);
      }
    });

    it('measures rates, and how late the main thread was meanwhile', () => {
      const { bareReaderMBps, daemonMBps, eventLoopDelaySamples, eventLoopDelayP99Ms } = results.get(name);
      expect(bareReaderMBps).toBeGreaterThan(0);
      expect(daemonMBps).toBeGreaterThan(0);
      expect(eventLoopDelaySamples).toBeGreaterThan(100);
      expect(Number.isFinite(eventLoopDelayP99Ms)).toBe(true);
    });
  });
});
