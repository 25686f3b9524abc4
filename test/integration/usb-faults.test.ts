import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DataOpener } from '../../src/acquisition/data-connection.js';
import { defaultAcquisitionLimits } from '../../src/acquisition/acquisition-options.js';
import { DataReceiver } from '../../src/acquisition/data-receiver.js';
import { FramePool } from '../../src/acquisition/frame-pool.js';
import { checkConservation } from '../../src/acquisition/run-counters.js';
import { UsbIpServer } from '../../src/camera-sim/usbip/usbip-server.js';
import { FlimdError } from '../../src/protocol/errors.js';
import { DeviceCommand, DeviceOutput, DeviceState } from '../../src/protocol/registers.js';
import { UsbEndpoint, UsbInterface, type UsbSpeed } from '../../src/protocol/usb.js';
import { UsbIpHost } from '../camera-sim/usbip-host.js';
import { virtualDevice, type VirtualDeviceOptions } from '../support/virtual-device.js';

const size = { width: 16, height: 16, bins: 8 };
const expected = { lifetimes: true, standardErrors: false, histograms: true };
const TRANSFERS = 8;
const TRANSFER_BYTES = 8 * 1024;
const FRAMES = 60;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Reads the data endpoint as the USB link does, with the kernel left out: transfers queued, emptied, queued again. */
function openerFor(host: UsbIpHost): DataOpener<null> {
  return async (_, _greeting, sink, onLost) => {
    let open = true;
    await host.setInterface(UsbInterface.data, 1);
    const submit = (): void => {
      void host.read(UsbEndpoint.packets, TRANSFER_BYTES).answer.then(({ data }) => {
        for (let at = 0; at < data.length;) {
          const room = sink.reserve();
          const run = data.subarray(at, at + room.length);
          room.set(run);
          sink.commit(run.length);
          at += run.length;
        }
        if (open) submit();
      });
    };
    for (let i = 0; i < TRANSFERS; i++) submit();
    void host.closed.then(() => open && onLost(new FlimdError('FLIMD_E_LINK_LOST', 'unplugged')));
    return {
      attachedByOpening: true,
      close: async () => {
        open = false;
        host.socket.destroy();
      },
    };
  };
}

async function run(speed: UsbSpeed, options: VirtualDeviceOptions, pullAfterFrames = Infinity) {
  const device = virtualDevice({ ...size, seed: 11, fps: 0, cacheFrames: 8, ...options });
  const server = await UsbIpServer.listen(device, { host: '127.0.0.1', tcpPort: 0, speed });
  closing.push(() => server.close());
  const host = await UsbIpHost.connect(server.address.port);
  expect((await host.import()).status).toBe(0);
  await host.configure();
  const pool = FramePool.allocate(
    { ...size, histograms: true },
    { ...defaultAcquisitionLimits, leastSlots: 5 },
  );
  let frames = 0;
  let lost = 0;
  const receiver = new DataReceiver<null>({
    open: openerFor(host),
    limits: { ...defaultAcquisitionLimits, settleMs: 50 },
    events: {
      frame: ({ slot }) => {
        pool.release(slot);
        if (++frames === pullAfterFrames) server.unplug();
      },
      counters: () => {},
      telemetry: () => {},
      endOfSeries: () => {},
      lost: () => lost++,
      refused: (reason) => expect.fail(reason),
    },
  });
  const ticker = setInterval(() => receiver.tick(), 20);
  closing.push(() => clearInterval(ticker));
  await receiver.connect(null);
  receiver.beginSeries({ series: 3, share: pool.share, expect: expected });
  const { registers } = device.camera;
  const outputs = DeviceOutput.lifetimes | DeviceOutput.histograms;
  registers.write(0x104, Uint32Array.of(outputs, 3, pullAfterFrames === Infinity ? FRAMES : 0, 1));
  registers.write(0x100, Uint32Array.of(DeviceCommand.arm));
  registers.write(0x100, Uint32Array.of(DeviceCommand.start));
  await vi.waitUntil(() => registers.read(0x140, 1)[0] === DeviceState.idle, {
    timeout: 50_000,
    interval: 5,
  });
  const [packetsSent, framesSent, framesDroppedByDevice] = registers.read(0x180, 3);
  const counters = await receiver.endSeries({
    packetsSent: packetsSent!,
    framesSent: framesSent!,
    framesDroppedByDevice: framesDroppedByDevice!,
  });
  await receiver.disconnect();
  return { counters, lost, ledger: device.faultLedger };
}

describe('the laws of conservation over USB', () => {
  it.each(['high', 'super'] as const)('hold on a bad wire, at %s speed', async (speed) => {
    const faults = {
      drop: 0.01,
      corrupt: 0.01,
      truncate: 0.01,
      duplicate: 0.01,
      reorder: 0.01,
      garbage: 0.01,
    };
    const { counters, ledger } = await run(speed, { faults });
    expect(checkConservation(counters)).toMatchObject([{ holds: true }, { holds: true }]);
    const destroyed = ledger!.dropped + ledger!.corrupted + ledger!.truncated;
    expect(destroyed).toBeGreaterThan(10);
    expect(counters).toMatchObject({
      packetsSent: ledger!.packets,
      packetsLost: destroyed,
      packetsDuplicated: ledger!.duplicated,
      packetsReordered: ledger!.reordered,
    });
  });

  it.each(['high', 'super'] as const)(
    'hold when the cable is pulled in mid-frame, at %s speed',
    async (speed) => {
      const { counters, lost } = await run(speed, {}, 7);
      expect(lost).toBe(1);
      expect(checkConservation(counters)).toMatchObject([{ holds: true }, { holds: true }]);
      expect(counters.framesPublished).toBeGreaterThanOrEqual(7);
      expect(counters.packetsSent).toBeGreaterThanOrEqual(counters.packetsReceived);
    },
  );
});
