import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FlimdError } from '../../src/protocol/errors.js';
import { temporaryFolder } from '../recording/recording-fixture.js';
import { writeSdt } from '../support/sdt-file.js';
import { cameraShape, exportAs, recordCamera } from './export-fixture.js';

const source = temporaryFolder();
const run = path.join(source.folder, 'run.h5');
const mapsAlone = path.join(source.folder, 'maps.h5');
beforeAll(async () => {
  await recordCamera(run, 3);
  await recordCamera(mapsAlone, 1, { histograms: false });
});
afterAll(() => source.remove());

let folder: string;
beforeEach(() => {
  const temporary = temporaryFolder();
  folder = temporary.folder;
  return () => temporary.remove();
});
const named = (name: string): string => path.join(folder, name);
const files = (): string[] => readdirSync(folder).sort();

describe('names', () => {
  it('are those of the recording, beside it', async () => {
    copyFileSync(run, named('run.h5'));
    await exportAs(named('run.h5'), 'ome-tiff', { histograms: true });
    await exportAs(named('run.h5'), 'csv');
    await exportAs(named('run.h5'), 'csv', { pixels: true });
    await exportAs(named('run.h5'), 'pqbin');
    expect(files()).toEqual([
      'run.bin',
      'run.csv',
      'run.decays.ome.tif',
      'run.h5',
      'run.ome.tif',
      'run.pixels.csv',
    ]);
  });

  it('are in the folder, or as given, with or without the suffix', async () => {
    mkdirSync(named('sub'));
    await exportAs(run, 'csv', { out: named('sub') });
    await exportAs(run, 'csv', { out: named('one.csv') });
    await exportAs(run, 'csv', { out: named('two') });
    await exportAs(run, 'csv', { out: named('three.csv'), pixels: true });
    await exportAs(run, 'ome-tiff', { out: named('four.ome.tiff'), histograms: true });
    expect(files()).toEqual(
      ['sub', 'one.csv', 'two.csv', 'three.csv', 'four.ome.tiff', 'four.decays.ome.tiff'].sort(),
    );
    expect(readdirSync(named('sub'))).toEqual(['run.csv']);
  });

  it('come back with sizes and what was exported', async () => {
    const result = await exportAs(run, 'ome-tiff', { out: named('x'), frames: { from: 1, end: null } });
    expect(result).toEqual({
      source: run,
      format: 'ome-tiff',
      files: [{ path: named('x.ome.tif'), bytes: readFileSync(named('x.ome.tif')).length }],
      frames: 2,
      summed: false,
      ...cameraShape,
      binWidthPs: 195.3125,
      warnings: ['1 of 3 recorded frames miss rows, which are 0'],
    });
  });
});

/** Waits for an export that must be refused, and that nothing is left of. */
async function refused(
  refusal: Promise<unknown>,
  code: string,
  message: RegExp,
  left: string[] = [],
): Promise<void> {
  const error = await refusal.then(
    () => expect.fail('was not refused'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FlimdError);
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  expect((error as FlimdError).details.expected ?? (error as FlimdError).details.action).toBeTruthy();
  expect(files()).toEqual([...left].sort());
}

describe('what is refused', () => {
  it('a name that is taken, before anything is read, unless told so', async () => {
    writeFileSync(named('x.decays.ome.tif'), 'precious');
    let steps = 0;
    const counting = async () => void steps++;
    const options = { out: named('x'), histograms: true };
    const taken = exportAs(run, 'ome-tiff', { ...options, sum: true }, counting);
    await refused(taken, 'FLIMD_E_EXPORT_EXISTS', /is there already/, ['x.decays.ome.tif']);
    expect(steps).toBe(0);
    expect(readFileSync(named('x.decays.ome.tif'), 'utf8')).toBe('precious');
    await exportAs(run, 'ome-tiff', { ...options, overwrite: true });
    expect(readFileSync(named('x.decays.ome.tif')).length).toBeGreaterThan(100_000);
  });

  it('a folder in the place of one of several files, even then', async () => {
    mkdirSync(named('x.json'));
    writeFileSync(named('x.npz'), 'precious');
    const taken = exportAs(run, 'npz', { out: named('x'), overwrite: true });
    await refused(taken, 'FLIMD_E_EXPORT_EXISTS', /is there already/, ['x.json', 'x.npz']);
    expect(readFileSync(named('x.npz'), 'utf8')).toBe('precious');
  });

  it('the recording itself as its own export, even then', async () => {
    copyFileSync(run, named('run.csv'));
    const own = exportAs(named('run.csv'), 'csv', { out: named('run.csv'), overwrite: true });
    await refused(own, 'FLIMD_E_EXPORT_EXISTS', /is there already/, ['run.csv']);
    expect(readFileSync(named('run.csv'))).toEqual(readFileSync(run));
  });

  it('histograms that were not recorded', async () => {
    const out = named('x');
    const message = /maps\.h5 holds no histograms/;
    await refused(exportAs(mapsAlone, 'pqbin', { out }), 'FLIMD_E_EXPORT_CONTENT', message);
    await refused(exportAs(mapsAlone, 'npz', { out, histograms: true }), 'FLIMD_E_EXPORT_CONTENT', message);
  });

  it.each([
    [2, 2],
    [0, 4],
    [3, null],
  ])('frames that are not there (%s:%s)', async (from, end) => {
    const frames = exportAs(run, 'csv', { out: named('x'), frames: { from, end } });
    await refused(frames, 'FLIMD_E_EXPORT_CONTENT', /does not hold the frames/);
  });

  it('files that are no recordings, and recordings that are damaged', async () => {
    const out = named('out');
    writeFileSync(named('a.txt'), 'not a recording at all, but long enough to look like a file of something');
    copyFileSync(run, named('b.h5'));
    truncateSync(named('b.h5'), 4000);
    writeFileSync(
      named('c.h5'),
      Buffer.concat([Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), Buffer.alloc(3000)]),
    );
    writeFileSync(
      named('d.sdt'),
      writeSdt({ width: 4, height: 4, bins: 8, channels: [new Uint16Array(128)] }).slice(0, 700),
    );
    const left = files();
    const cases: [string, RegExp][] = [
      ['a.txt', /a\.txt is no recording that flimd reads/],
      ['b.h5', /b\.h5 cannot be read/],
      ['c.h5', /c\.h5 cannot be read/],
      ['d.sdt', /d\.sdt: /],
      ['none.h5', /cannot read .*none\.h5: ENOENT/],
      ['.', /is not a file/],
    ];
    for (const [name, message] of cases)
      await refused(exportAs(named(name), 'csv', { out }), 'FLIMD_E_RECORDING', message, left);
  });

  it('a recording whose end is missing', async () => {
    copyFileSync(run, named('cut.h5'));
    truncateSync(named('cut.h5'), readFileSync(run).length - 60_000);
    const cut = exportAs(named('cut.h5'), 'npy', { out: named('x'), histograms: true });
    await refused(cut, 'FLIMD_E_RECORDING', /cannot be read/, ['cut.h5']);
  });

  it('a folder that is not there', async () => {
    const nowhere = exportAs(run, 'csv', { out: named('none/x.csv') });
    await refused(nowhere, 'FLIMD_E_EXPORT_WRITE', /cannot write .*ENOENT/);
  });

  it('channels of what has none', async () => {
    await refused(
      exportAs(run, 'csv', { out: named('x'), channel: 0 }),
      'FLIMD_E_CONFIG',
      /--channel is for SDT/,
    );
  });
});

it('leaves nothing of an export that is stopped in between', async () => {
  const stopping = async (_: string, done: number) => {
    if (done === 2) throw new FlimdError('FLIMD_E_EXPORT_INTERRUPTED', 'stopped', { expected: 'an end' });
  };
  for (const format of ['ome-tiff', 'csv', 'npy', 'npz', 'pqbin'] as const) {
    const histograms = format !== 'csv' && format !== 'pqbin';
    const stopped = exportAs(run, format, { out: named('x'), histograms }, stopping);
    await refused(stopped, 'FLIMD_E_EXPORT_INTERRUPTED', /stopped/);
    expect(existsSync(named('x.csv.partial'))).toBe(false);
  }
});

it('takes the image of an SDT file that is asked for', async () => {
  const shape = { width: 5, height: 3, bins: 16 };
  const channels = [1, 2].map((channel) => Uint16Array.from({ length: 240 }, (_, at) => channel * (at % 50)));
  writeFileSync(named('two.sdt'), writeSdt({ ...shape, channels }));
  const totals = [];
  for (const channel of [null, 1]) {
    await exportAs(named('two.sdt'), 'csv', { channel, overwrite: true });
    totals.push(Number(readFileSync(named('two.csv'), 'utf8').split('\r\n')[1]!.split(',').at(-1)));
  }
  const sum = channels[0]!.reduce((total, count) => total + count, 0);
  expect(totals).toEqual([sum, 2 * sum]);
  await expect(exportAs(named('two.sdt'), 'csv', { channel: 2 })).rejects.toMatchObject({
    code: 'FLIMD_E_RECORDING',
    message: expect.stringContaining('no such channel'),
  });
});
