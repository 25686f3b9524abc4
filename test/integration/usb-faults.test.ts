import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DataOpener } from '../../src/acquisition/data-connection.js';
import { checkConservation } from '../../src/acquisition/run-counters.js';
import type { DevicePort } from '../../src/camera-sim/device-port.js';
import { UsbIpServer } from '../../src/camera-sim/usbip/usbip-server.js';
import { FlimdError } from '../../src/protocol/errors.js';
import { UsbEndpoint, UsbInterface, type UsbSpeed } from '../../src/protocol/usb.js';
import { UsbIpHost } from '../camera-sim/usbip-host.js';
import {
  expectLedgerMatches,
  expectSeriesInOrder,
  hasNoErrors,
  onePercent,
  PACKETS_PER_FRAME,
  scene,
  show,
} from '../support/fault-run.js';
import { InProcessRun, referenceFrames } from '../support/in-process-run.js';
import type { ReferenceFrames } from '../support/reference-frames.js';
import { virtualDevice, type VirtualDeviceOptions } from '../support/virtual-device.js';

const TRANSFERS = 8;
const TRANSFER_BYTES = 8 * 1024;
/** Bytes are on their way through a socket when the camera is idle. */
const SETTLE_MS = 50;
const speeds = ['high', 'super'] as const;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

let reference: ReferenceFrames;
beforeAll(async () => {
  reference = await referenceFrames();
});

/**
 * Plugs the camera in and reads the data endpoint as the USB link does, with the kernel left out: transfers queued,
 * emptied, queued again. What a transfer brought before the cable was pulled arrives.
 */
function openerFor(server: UsbIpServer): DataOpener<null> {
  return async (_, _greeting, sink, onLost) => {
    const host = await UsbIpHost.connect(server.address.port);
    expect((await host.import()).status).toBe(0);
    await host.configure();
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
        await host.closed;
      },
    };
  };
}

async function start(speed: UsbSpeed, faults?: VirtualDeviceOptions['faults']) {
  const device: DevicePort = virtualDevice({ ...scene, ...(faults && { faults }) });
  const server = await UsbIpServer.listen(device, { host: '127.0.0.1', tcpPort: 0, speed });
  closing.push(() => server.close());
  const run = new InProcessRun(device, reference, openerFor(server), SETTLE_MS);
  closing.push(() => run.close());
  return { device, server, run };
}

describe('a bad link of a USB camera', () => {
  it.each(speeds)(
    'accounts for each of 30,000 packets, and brings every row bit for bit, at %s speed',
    async (speed) => {
      const { device, run } = await start(speed, { ...onePercent, stall: 0.01, stallMs: 1 });
      await run.receiver.connect(null);
      const frames = Math.ceil(30_000 / PACKETS_PER_FRAME);
      const counters = await run.series(3, frames);
      const ledger = device.faultLedger!;
      const { tally } = run;
      show(`USB at ${speed} speed, every fault at 1 %`, counters, ledger, tally);
      for (const faults of Object.values({ ...ledger, disconnects: 1000 }))
        expect(faults).toBeGreaterThan(150);
      expectLedgerMatches(counters, ledger);
      expect(counters.framesPublished).toBe(frames);
      expect(tally).toMatchObject({ ...hasNoErrors, complete: frames - counters.framesPartial });
      expect(tally.complete).toBeGreaterThan(frames / 10);
    },
  );

  it.each(speeds)(
    'that is unplugged over and over: each series ends in order, at %s speed',
    async (speed) => {
      const { device, run } = await start(speed, onePercent);
      await expectSeriesInOrder(`USB at ${speed} speed, the same with unplugging`, device, 10_000, {
        series: async (series, frames) => {
          await run.receiver.connect(null);
          return run.series(series, frames);
        },
        tally: run.tally,
        losses: () => run.lost,
      });
    },
  );

  it.each(speeds)('that is pulled out in mid-frame keeps the laws, at %s speed', async (speed) => {
    const { run, server } = await start(speed);
    let frames = 0;
    run.onFrame = () => {
      if (++frames === 7) server.unplug();
    };
    await run.receiver.connect(null);
    const counters = await run.series(3, 0);
    expect(run.lost).toBe(1);
    expect(checkConservation(counters)).toMatchObject([{ holds: true }, { holds: true }]);
    expect(counters.framesPublished).toBeGreaterThanOrEqual(7);
    expect(counters.packetsSent).toBeGreaterThanOrEqual(counters.packetsReceived);
  });
});
