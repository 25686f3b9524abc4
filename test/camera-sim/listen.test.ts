import { afterEach, describe, expect, it } from 'vitest';
import { type Listener, listenAt } from '../../src/camera-sim/listen.js';
import { parseSlowControlFaults } from '../../src/camera-sim/slow-control/line-faults.js';
import { virtualDevice } from '../support/virtual-device.js';
import { UsbIpHost } from './usbip-host.js';

const open: Listener[] = [];
afterEach(async () => {
  for (const listener of open.splice(0)) await listener.close();
});

async function listen(...addresses: string[]): Promise<Listener[]> {
  const slowControl = {
    serial: 'SIM-TEST',
    firmware: '1.2.3',
    laserHz: 80_000_000,
    seed: 1,
    faults: parseSlowControlFaults(''),
  };
  const listeners = await listenAt(virtualDevice(), addresses, slowControl);
  open.push(...listeners);
  return listeners;
}

const portIn = (uri: string): number => Number(/:(\d+)$/.exec(uri)![1]);

describe('where a virtual camera listens', () => {
  it.each([
    ['usbip:0', 5],
    ['usbip:127.0.0.1:0?speed=high', 3],
    ['usbip:127.0.0.1:0?speed=high&rate=unlimited', 3],
    ['USBIP:[::1]:0?speed=super', 5],
  ])('%s is a USB camera of speed %i', async (address, speed) => {
    const [{ uri }] = (await listen(address)) as [Listener];
    expect(uri).toMatch(/^usbip:(127\.0\.0\.1|\[::1\]):\d+$/);
    if (uri.includes('[')) return;
    const host = await UsbIpHost.connect(portIn(uri));
    expect(await host.import()).toEqual({ status: 0, speed });
    host.socket.destroy();
  });

  it('offers the camera over several links', async () => {
    const uris = (await listen('tcp:127.0.0.1:0', 'usbip:0')).map(({ uri }) => uri.split(':')[0]);
    expect(uris).toEqual(['tcp', 'usbip']);
  });

  it.each([
    'usbip:',
    'usbip:99999',
    'usbip:0?speed=low',
    'usbip:0?rate=1',
    'usbip:0&speed=high',
    'usbip:a b:3240',
    'udp:1.2.3.4:5',
    'usbip',
  ])('refuses "%s"', async (address) => {
    await expect(listen('tcp:127.0.0.1:0', address)).rejects.toMatchObject({
      code: 'FLIMD_E_URI',
      details: { value: address, expected: expect.any(String) },
    });
  });

  it('says when a port is taken, and leaves nothing open', async () => {
    const [{ uri }] = (await listen('usbip:0')) as [Listener];
    await expect(listen(`usbip:${portIn(uri)}`)).rejects.toMatchObject({ code: 'FLIMD_E_PORT_IN_USE' });
  });
});
