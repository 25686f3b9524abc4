import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import { FlimdError } from '../../src/protocol/errors.js';
import { parseSdt, readSdt } from '../../src/recording/sdt.js';
import { readNpz } from '../../src/recording/npz.js';
import { writeSdt, type SdtFile } from '../support/sdt-file.js';

const size = { width: 5, height: 3, bins: 16 };
const counts = (seed: number, step = 1): Uint16Array => {
  const random = new Random(seed);
  return Uint16Array.from({ length: size.width * size.height * size.bins }, () => step * random.below(90));
};
const file = (changes: Partial<SdtFile> = {}): SdtFile => ({ ...size, channels: [counts(1)], ...changes });

describe('reading SDT', () => {
  it.each<[string, Partial<SdtFile>]>([
    ['16-bit counts', {}],
    ['32-bit counts', { wide: true }],
    ['compressed blocks', { zipped: true }],
    ['long offsets', { revision: 15 }],
    ['compressed 32-bit counts with long offsets', { wide: true, zipped: true, revision: 15 }],
    ['FIFO images', { content: 0x60 }],
  ])('reads %s', (_, changes) => {
    const recording = parseSdt(writeSdt(file(changes)));
    expect(recording).toMatchObject({
      ...size,
      binWidthPs: 781.25,
      windowPs: 12_500,
      countIncrement: 1,
      channels: 1,
    });
    expect(recording.counts).toEqual(counts(1));
  });

  it('reads what the header says about the recording', () => {
    expect(parseSdt(writeSdt(file({ title: 'Zellen µ' })))).toMatchObject({
      title: expect.stringContaining('Zellen'),
      instrument: 'SPC-150',
      recordedAt: '02-03-2004 10:11:12',
      collectionTimeS: 30,
      syncRateHz: 80_010_000,
    });
  });

  it.each([false, true])('reads several channels (in one block: %s)', (oneBlock) => {
    const bytes = writeSdt(file({ channels: [counts(1), counts(2), counts(3)], oneBlock }));
    for (const channel of [0, 1, 2]) {
      const recording = parseSdt(bytes, { channel });
      expect(recording.channels).toBe(3);
      expect(recording.counts).toEqual(counts(channel + 1));
    }
    expect(() => parseSdt(bytes, { channel: 3 })).toThrowError(/no such channel/);
  });

  it('divides counts that come in steps', () => {
    const recording = parseSdt(writeSdt(file({ channels: [counts(1, 4)], countIncrement: 4 })));
    expect(recording.countIncrement).toBe(4);
    expect(recording.counts).toEqual(counts(1));
  });

  it('does not believe an increment that the counts contradict', () => {
    const lying = counts(1, 4);
    lying[100]! += 1;
    expect(() => parseSdt(writeSdt(file({ channels: [lying], countIncrement: 4 })))).toThrowError(
      /increment/,
    );
  });

  it('finds the file in a zip archive, by its path too', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'flimd-'));
    afterAll(() => rm(folder, { recursive: true }));
    const archive = zipSync({ 'readme.txt': new Uint8Array(9), 'Folder/Cells.SDT': writeSdt(file()) });
    await writeFile(path.join(folder, 'cells.sdt.zip'), archive);
    expect((await readSdt(path.join(folder, 'cells.sdt.zip'))).counts).toEqual(counts(1));
    expect(() => parseSdt(zipSync({ 'readme.txt': new Uint8Array(9) }))).toThrowError(/no .sdt file/);
  });

  it('says what it found where there is no image', () => {
    const decay = writeSdt(file({ content: 0, channels: [counts(1)] }));
    expect(() => parseSdt(decay)).toThrowError('the recording holds no image of decays but a single decay');
    const curve = writeSdt(file({ content: 0x20 }));
    expect(() => parseSdt(curve)).toThrowError(/an FCS curve/);
  });

  it('names the file that cannot be read', async () => {
    await expect(readSdt('/no/such/file.sdt')).rejects.toMatchObject({
      code: 'FLIMD_E_RECORDING',
      details: { value: '/no/such/file.sdt' },
    });
  });
});

describe('damaged SDT files', () => {
  it.each([0, 3, 41, 60, 400, 700, -1])('are refused when cut at %i', (at) => {
    expect(() => parseSdt(writeSdt(file()).slice(0, at))).toThrowError(FlimdError);
  });

  it('are refused when something else', () => {
    expect(() =>
      parseSdt(new TextEncoder().encode('not an SDT file at all, but long enough to be one')),
    ).toThrowError('this is no SDT file');
  });

  it('are refused when the size of the image does not fit the data', () => {
    const bytes = writeSdt(file());
    const scanWidthAt = bytes.length - 22 - counts(1).byteLength - 512 + 173;
    new DataView(bytes.buffer).setInt32(scanWidthAt, 0x7fff_ffff, true);
    expect(() => parseSdt(bytes)).toThrowError(/size of the image/);
  });

  it('are refused when they would unpack to more than allowed, before they are unpacked', () => {
    const bomb = writeSdt(
      file({ width: 64, height: 64, channels: [new Uint16Array(64 * 64 * 16)], zipped: true }),
    );
    expect(bomb.length).toBeLessThan(2000);
    expect(() => parseSdt(bomb, { maxBytes: 100_000 })).toThrowError(/too large/);
  });

  it('are refused when the checksum of a compressed block does not fit', () => {
    const bytes = writeSdt(file({ zipped: true }));
    // The CRC-32 in the archive's directory stands 16 bytes into its only entry.
    const directoryAt = Buffer.from(bytes).lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    bytes[directoryAt + 16]! ^= 1;
    expect(() => parseSdt(bytes)).toThrowError(/checksum/);
  });

  it('never end in anything but a recording or a typed error, whatever changed', () => {
    const random = new Random(2024);
    const originals = [
      writeSdt(file({ zipped: true, channels: [counts(1), counts(2)] })),
      writeSdt(file({ countIncrement: 1, oneBlock: true, channels: [counts(1), counts(2)] })),
      zipSync({ 'a.sdt': writeSdt(file({ revision: 15 })) }),
    ];
    let refused = 0;
    for (let round = 0; round < 3000; round++) {
      const bytes = originals[round % originals.length]!.slice();
      // Mostly into the headers, where it hurts.
      const reach = round % 2 === 0 ? bytes.length : Math.min(bytes.length, 900);
      for (let change = 0; change <= round % 6; change++) {
        bytes[random.below(reach)] = [0, 0xff, 0x7f, random.below(256)][random.below(4)]!;
      }
      try {
        const { width, height, bins, counts: read } = parseSdt(bytes, { maxBytes: 1 << 22 });
        expect(read.length).toBe(width * height * bins);
      } catch (error) {
        expect(error).toBeInstanceOf(FlimdError);
        expect((error as FlimdError).code).toBe('FLIMD_E_RECORDING');
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(300);
  });
});

const cells = path.resolve(import.meta.dirname, '../../../shared/data/cells-sdt');

describe.skipIf(!existsSync(cells))('the recording of real cells', () => {
  it('is read as the reference has it', async () => {
    const recording = await readSdt(path.join(cells, 'tcspc.sdt.zip'));
    const { hist } = await readNpz(path.join(cells, 'hist.npz'));
    expect(hist!.shape).toEqual([recording.height, recording.width, recording.bins]);
    expect(Buffer.compare(Buffer.from(recording.counts.buffer), Buffer.from(hist!.data.buffer))).toBe(0);
    expect(recording).toMatchObject({
      binWidthPs: 48.828125,
      windowPs: 12_500,
      countIncrement: 4,
      title: 'cells',
    });
  });

  it('has usable bins without the converter limits, the ramps and the bump at the end', async () => {
    const { firstUsableBin, endUsableBin } = await readSdt(path.join(cells, 'tcspc.sdt.zip'));
    expect(firstUsableBin).toBe(32);
    // The header's upper limit is 90.6 % of 256 bins; the reference trusts bins up to 227.
    expect(endUsableBin).toBe(231);
  });
});
