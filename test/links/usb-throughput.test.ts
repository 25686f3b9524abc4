import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDevice } from '../../src/camera-sim/index.js';
import { parseSimOptions } from '../../src/camera-sim/options.js';
import { UsbIpServer } from '../../src/camera-sim/usbip/usbip-server.js';
import { missingForGuest } from './guest/guest.js';
import { GuestReport } from './guest/guest-report.js';

const BOOT_AND_RUN_MS = 600_000;
/** Packets of 128 KiB, half a transfer. */
const camera = parseSimOptions({
  width: '128',
  height: '64',
  bins: '64',
  fps: '0',
  photons: '50',
  cacheFrames: '4',
  outputs: 'histograms',
});

interface Packets {
  sent: number;
  received: number;
  lost: number;
}

const missing = missingForGuest();
if (missing && !process.env.CI) console.log(`skipped: the USB benchmark in a guest (${missing})`);

/**
 * `bench/usb.mjs` against a real kernel. How fast either reader is says something about an emulated processor and an
 * emulated network alone: the figures are printed, and what the readers saw is compared.
 */
describe.skipIf(missing !== null && !process.env.CI)('the benchmark of the USB path', () => {
  let server: UsbIpServer | undefined;
  let result: any;

  beforeAll(async () => {
    if (missing) throw new Error(missing);
    server = await UsbIpServer.listen(await createDevice(camera), {
      host: '127.0.0.1',
      tcpPort: 0,
      speed: 'super',
    });
    const report = new GuestReport(() => {});
    const args = [String(server.address.port)];
    await report.run(
      { run: 'test/links/guest/usb-bench.mjs', args, modules: ['vhci-hcd'] },
      BOOT_AND_RUN_MS - 10_000,
    );
    const measured = report.said('measured');
    if (!measured.result?.usb) throw new Error(`no figures: ${JSON.stringify(measured)}`);
    result = measured.result;
    console.log(`USB in an emulated guest: ${JSON.stringify(result)}`);
  }, BOOT_AND_RUN_MS);

  afterAll(() => server?.close());

  it('reads every packet that the camera sent, with the C reader and with the daemon’s path', () => {
    for (const { sent, received, lost } of Object.values<Packets>(result.usb.packets)) {
      expect(sent).toBeGreaterThan(64);
      expect(received).toBe(sent);
      expect(lost).toBe(0);
    }
  });

  it('finds the same histograms in both', () => {
    for (const [bare, daemon] of result.usb.checksums) {
      expect(bare).not.toBe(0);
      expect(daemon).toBe(bare);
    }
  });

  it('measures rates, and how late the main thread was meanwhile', () => {
    const { bareReaderMBps, daemonMBps, eventLoopDelaySamples, eventLoopDelayP99Ms } = result.usb;
    expect(bareReaderMBps).toBeGreaterThan(0);
    expect(daemonMBps).toBeGreaterThan(0);
    expect(eventLoopDelaySamples).toBeGreaterThan(100);
    expect(Number.isFinite(eventLoopDelayP99Ms)).toBe(true);
  });
});
