import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RegisterFile } from '../../src/camera-sim/register-file.js';
import { DirectRegisters } from '../../src/camera/direct-registers.js';
import { openRegisterChannel } from '../../src/link/index.js';
import { register, REGISTER_MAP_MAGIC } from '../../src/protocol/registers.js';

/** A plain file as the user node: it can be mapped, as the node of the real driver can. */
let folder: string;
const device = (): string => path.join(folder, 'xdma0');
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flimd-bar-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function bar(words: Record<number, number>, fill = 0): Promise<void> {
  const image = new Uint32Array(1024).fill(fill);
  for (const [address, word] of Object.entries(words)) image[Number(address) / 4] = word;
  await writeFile(`${device()}_user`, new Uint8Array(image.buffer));
}

describe.skipIf(process.platform !== 'linux')('registers in a mapped BAR', () => {
  it('are read and written in place', async () => {
    await bar({ [register('width').address]: 128, [register('height').address]: 0xffff_fffe });
    const channel = await openRegisterChannel({ kind: 'pcie', device: device() }, () => {});
    expect([...(await channel.read(register('width').address, 2))]).toEqual([128, 0xffff_fffe]);
    await channel.write(register('series').address, [0x8000_0001]);
    await channel.close();
    const image = await readFile(`${device()}_user`);
    expect(image.readUInt32LE(register('series').address)).toBe(0x8000_0001);
  });

  it('refuse addresses outside the map or between words', async () => {
    await bar({});
    const channel = await openRegisterChannel({ kind: 'pcie', device: device() }, () => {});
    await expect(channel.read(4096, 1)).rejects.toThrow(RangeError);
    await expect(channel.read(2, 1)).rejects.toThrow(RangeError);
    await channel.close();
  });
});

describe.skipIf(process.platform !== 'linux')('a mapping', () => {
  const target = () => ({ kind: 'pcie', device: device() }) as const;

  it('of which the memory goes away gives all ones, and takes writes, instead of ending the program', async () => {
    await bar({ [register('width').address]: 128 });
    const channel = await openRegisterChannel(target(), () => {});
    expect([...(await channel.read(register('width').address, 1))]).toEqual([128]);
    // Beyond the end of a file there is no memory: an access is a bus error, as with hardware on some machines.
    await truncate(`${device()}_user`, 0);
    expect([...(await channel.read(register('width').address, 2))]).toEqual([0xffff_ffff, 0xffff_ffff]);
    await channel.write(register('series').address, [1]);
    await bar({ [register('width').address]: 64 });
    expect([...(await channel.read(register('width').address, 1))]).toEqual([64]);
    await channel.close();
  });

  it('goes when it is closed: the device is not held, and not reached', async () => {
    await bar({});
    const mappings = async () => (await readFile('/proc/self/maps', 'utf8')).includes(`${device()}_user`);
    const channel = await openRegisterChannel(target(), () => {});
    expect(await mappings()).toBe(true);
    await channel.close();
    expect(await mappings()).toBe(false);
    await expect(channel.read(0, 1)).rejects.toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
    await expect(channel.write(0, [1])).rejects.toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
  });

  it('that a camera had and lost is a lost link', async () => {
    await bar({ [register('mapMagic').address]: REGISTER_MAP_MAGIC });
    const registers = await DirectRegisters.open(target(), {});
    const lost = new Promise((resolve) => (registers.onLost = resolve));
    await truncate(`${device()}_user`, 0);
    await expect(registers.read(0, 1)).rejects.toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
    expect(await lost).toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
    await registers.close();
    await expect(DirectRegisters.open(target(), {})).rejects.toMatchObject({
      code: 'FLIMD_E_NOT_A_CAMERA',
      message: 'nothing answers for the registers of this device',
    });
  });
});

describe.skipIf(process.platform !== 'linux')('what answers behind a BAR', () => {
  const open = () => DirectRegisters.open({ kind: 'pcie', device: device() }, {});
  const magic = { [register('mapMagic').address]: REGISTER_MAP_MAGIC };

  it.each([
    ['nothing', {}, 0xffff_ffff],
    ['another design', {}, 0],
    ['a map without lastRefusal', { ...magic, [register('lastRefusal').address]: 0xffff_ffff }, 0],
  ])('is no camera: %s', async (_, words, fill) => {
    await bar(words, fill);
    await expect(open()).rejects.toMatchObject({ code: 'FLIMD_E_NOT_A_CAMERA' });
  });

  it('is lost when the device drops off the bus', async () => {
    await bar(magic);
    const registers = await open();
    const lost = new Promise((resolve) => (registers.onLost = resolve));
    await registers.write(register('lastRefusal').address, [0xffff_ffff]).catch(() => {});
    expect(await lost).toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
    await expect(registers.read(0, 1)).rejects.toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
    await registers.close();
  });

  it('has refused when lastRefusal has moved, and the next access is judged afresh', async () => {
    const rules = new RegisterFile(() => null);
    expect(() => rules.read(0xffc, 1)).toThrow();
    const moved = rules.get('lastRefusal');
    await bar(magic);
    const registers = await open();
    await expect(registers.write(register('lastRefusal').address, [moved])).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_REFUSED',
    });
    expect([...(await registers.read(0, 1))]).toEqual([REGISTER_MAP_MAGIC]);
    await registers.close();
  });
});
