import { constants as fsConstants, readdirSync, readlinkSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { constants as errnoConstants } from 'node:os';
import { afterEach, expect, it, vi } from 'vitest';
import { takeOver } from '../../src/camera/take-over.js';
import { openInjectionChannel, openRegisterChannel } from '../../src/link/index.js';
import { DeviceFile } from '../../src/link/device-file.js';
import { DeviceOutput, register } from '../../src/protocol/registers.js';
import { Random } from '../../src/random/random.js';
import { virtualDevice } from '../support/virtual-device.js';
import { describeWithFuse } from './support/fuse.js';
import { Opened, targetOf } from './support/xdma-host.js';

const opened = new Opened();
afterEach(() => opened.close());

describeWithFuse('the XDMA nodes keep the rules of the driver', () => {
  it('has the five nodes and gives registers word by word', async () => {
    const { device } = await opened.serve(virtualDevice());
    const folder = device.replace(/\/xdma0$/, '');
    expect((await readdir(folder)).sort()).toEqual(
      ['c2h_0', 'control', 'events_0', 'h2c_0', 'user'].map((name) => `xdma0_${name}`),
    );
    const user = await open(`${device}_user`, 'r+');
    const { bytesRead, buffer } = await user.read(Buffer.alloc(4), 0, 4, register('mapMagic').address);
    expect([bytesRead, buffer.toString('latin1')]).toEqual([4, 'FLMR']);
    await expect(user.read(Buffer.alloc(4), 0, 4, 2)).rejects.toMatchObject({ code: 'EPROTO' });
    await expect(user.read(Buffer.alloc(8), 0, 8, 0)).rejects.toMatchObject({ code: 'EPROTO' });
    await expect(user.write(Buffer.alloc(2), 0, 2, 0)).rejects.toMatchObject({ code: 'EPROTO' });
    expect((await user.read(Buffer.alloc(4), 0, 4, 0xffc)).buffer.readUInt32LE()).toBe(0xffff_ffff);
    await user.close();
  });

  it('cannot be mapped, so that registers go through pread and pwrite', async () => {
    const { device } = await opened.serve(virtualDevice());
    const file = new DeviceFile({
      path: `${device}_user`,
      flags: fsConstants.O_RDWR,
      buffers: 1,
      bufferBytes: 4096,
    });
    opened.add(() => file.close());
    expect(await file.open()).toBe(0);
    expect(await file.map(4096)).toBeLessThan(0);
  });

  it('lets a read of the stream be interrupted, and closes at once', async () => {
    const { device } = await opened.serve(virtualDevice());
    const file = new DeviceFile({
      path: `${device}_c2h_0`,
      flags: fsConstants.O_RDONLY | fsConstants.O_TRUNC,
      buffers: 2,
      bufferBytes: 4096,
    });
    expect(await file.open()).toBe(0);
    const reads = [file.read(0, 4096), file.read(1, 4096)];
    await new Promise((resolve) => setTimeout(resolve, 50));
    await file.close();
    const canceled = -errnoConstants.errno.ECANCELED;
    expect(await Promise.all(reads)).toEqual([canceled, canceled]);
    expect(await file.read(0, 4096)).toBe(canceled);
  });
});

describeWithFuse('registers that are reached without packets', () => {
  it('notice what the camera refuses, although writes are posted', async () => {
    const server = await opened.serve(virtualDevice());
    const { camera } = await opened.connect(targetOf(server));
    await expect(camera.arm({ series: 0, output: 1, frameLimit: 1 })).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_REFUSED',
      message: 'the camera refused a write at 0x100',
    });
    await expect(camera.start()).rejects.toMatchObject({ code: 'FLIMD_E_LINK_REFUSED' });
    await camera.arm({ series: 1, output: 1, frameLimit: 1 });
    await camera.disarm();
    expect(await camera.readState()).toEqual({ state: 'idle', fault: 'none' });
  });

  it('take the camera over from a host that is gone', async () => {
    const server = await opened.serve(virtualDevice({ fps: 100, cacheFrames: 2 }));
    const channel = await openRegisterChannel(targetOf(server), () => {});
    opened.add(() => channel.close());
    const write = (name: 'series' | 'command', value: number) =>
      channel.write(register(name).address, [value]);
    await write('series', 5);
    await write('command', 1);
    const { camera } = await opened.connect(targetOf(server));
    expect((await camera.readState()).state).toBe('armed');
    await takeOver(camera);
    expect((await camera.readState()).state).toBe('idle');
    await write('command', 1);
    await write('command', 2);
    await vi.waitUntil(async () => (await camera.readState()).state === 'acquiring');
    await takeOver(camera);
    expect((await camera.readState()).state).toBe('idle');
  });
});

describeWithFuse('injection', () => {
  const histogramsOf = (size: number, seed: number): Uint16Array => {
    const random = new Random(seed);
    return Uint16Array.from({ length: size }, () => Math.floor(random.uniform() * 200));
  };

  it.each([8, 10])('sends the host’s histograms through the camera, %i bins', async (bins) => {
    const size = { width: 16, height: 12, bins };
    const host = await opened.connect(targetOf(await opened.serve(virtualDevice({ ...size, fps: 0 }))));
    const output = DeviceOutput.histograms;
    await host.start({ series: 1, output, frameLimit: 5, histogramSource: 'injected' });
    const frames = Array.from({ length: 5 }, (_, i) => histogramsOf(16 * 12 * bins, i));
    for (const frame of frames) await host.camera.inject(frame);
    expect(await host.finish()).toMatchObject({
      lawsHold: true,
      counters: { framesPublished: 5, framesPartial: 0 },
    });
    for (const [i, frame] of frames.entries()) {
      expect(Buffer.compare(host.frames.get(i)!.at(-1)!, Buffer.from(frame.buffer))).toBe(0);
    }
    await expect(host.camera.inject(new Uint16Array(3))).rejects.toMatchObject({ code: 'FLIMD_E_REQUEST' });
    await host.start({ series: 2, output, frameLimit: 1, histogramSource: 'sensor' });
    expect((await host.finish()).lawsHold).toBe(true);
  });

  it('takes frames that are larger than a FUSE write', async () => {
    const size = { width: 64, height: 64, bins: 320 };
    const host = await opened.connect(targetOf(await opened.serve(virtualDevice({ ...size, fps: 0 }))));
    await host.start({
      series: 1,
      output: DeviceOutput.histograms,
      frameLimit: 2,
      histogramSource: 'injected',
    });
    const frames = [histogramsOf(64 * 64 * 320, 1), histogramsOf(64 * 64 * 320, 2)];
    for (const frame of frames) await host.camera.inject(frame);
    expect((await host.finish()).counters.framesPublished).toBe(2);
    expect(Buffer.compare(host.frames.get(1)!.at(-1)!, Buffer.from(frames[1]!.buffer))).toBe(0);
    expect((await host.camera.readDiagnostics())?.errors).toEqual([]);
  });

  it('raises an interrupt when a frame is short or long, and says which', async () => {
    const server = await opened.serve(virtualDevice({ fps: 0 }));
    const host = await opened.connect(targetOf(server));
    const raised: string[][] = [];
    host.camera.onInterrupt = async () => {
      raised.push((await host.camera.readDiagnostics())!.errors);
    };
    const output = DeviceOutput.histograms;
    await host.start({ series: 1, output, frameLimit: 2, histogramSource: 'injected' });
    const channel = await openInjectionChannel(targetOf(server));
    opened.add(() => channel.close());
    const frameBytes = 16 * 16 * 8 * 2;
    await channel.write(new Uint8Array(frameBytes - 8).fill(1));
    await vi.waitUntil(() => raised.length === 1);
    await channel.write(new Uint8Array(frameBytes + 8).fill(1));
    await vi.waitUntil(() => raised.length === 2);
    expect(raised).toEqual([['injectionShort'], ['injectionShort', 'injectionLong']]);
    expect(await host.finish()).toMatchObject({ lawsHold: true, counters: { framesPublished: 2 } });
    expect(host.frames.get(0)!.at(-1)!.subarray(-8)).toEqual(new Uint8Array(8));
  });

  it('lets the node go also when it is closed while a first frame is about to open it', async () => {
    const server = await opened.serve(virtualDevice({ fps: 0 }));
    const channel = await openInjectionChannel(targetOf(server));
    const written = channel.write(new Uint8Array(16)).catch((error) => error);
    await channel.close();
    await written;
    const open = readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return [];
      }
    });
    expect(open.filter((path) => path.endsWith('h2c_0'))).toEqual([]);
    await expect(channel.write(new Uint8Array(16))).rejects.toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
  });

  it('waits for room, and says so when the camera takes nothing', async () => {
    const server = await opened.serve(virtualDevice({ fps: 0 }), { timeoutMs: 50 });
    const { camera } = await opened.connect(targetOf(server));
    const frame = new Uint16Array(16 * 16 * 8);
    await camera.inject(frame);
    await camera.inject(frame);
    await expect(camera.inject(frame)).rejects.toMatchObject({ code: 'FLIMD_E_LINK_TIMEOUT' });
  });
});
