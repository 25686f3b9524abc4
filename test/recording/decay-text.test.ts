import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDecayText } from '../../src/recording/decay-text.js';
import { readDecayFile } from '../../src/recording/recorded-decay.js';
import { writeSdt } from '../support/sdt-file.js';

const rows = (separator: string): string =>
  [100, 150, 200, 250, 300].map((time, i) => `${time}${separator}${i * i}`).join('\n');

describe('a decay as text', () => {
  it.each([',', ';', '\t', ' ', ' , ', '   '])('is read with %j between its columns', (separator) => {
    expect(parseDecayText(rows(separator))).toEqual({
      startPs: 100,
      binWidthPs: 50,
      counts: Float64Array.of(0, 1, 4, 9, 16),
    });
  });

  it('may have a heading, comments, empty lines and any line ends', () => {
    const text = `\uFEFF# exported\r\n\r\ntime_ps,counts\r\n${rows(',').replaceAll('\n', '\r\n')}\r\n# end\r\n`;
    expect(parseDecayText(text).counts).toEqual(Float64Array.of(0, 1, 4, 9, 16));
  });

  it('may have rounded times', () => {
    const text = Array.from({ length: 4096 }, (_, i) => `${Math.round(i * 2.927)},1`).join('\n');
    expect(parseDecayText(text).binWidthPs).toBeCloseTo(2.927, 3);
  });

  it.each([
    ['', 'no histogram', '4 rows or more'],
    ['# nothing\ntime,counts\n', 'no histogram', '4 rows or more'],
    ['1\n2\n3\n4', 'line 1 has 1 column', 'two columns'],
    ['0,1,2\n1,2,3', 'line 1 has 3 columns', 'two columns'],
    ['0;1,5\n1;2,5', 'line 1 has 3 columns', 'two columns'],
    ['0,1\n1,two\n2,3\n3,4', 'line 2 is not two numbers', 'two columns'],
    ['0,1\n1,NaN\n2,3\n3,4', 'line 2 is not two numbers', 'two columns'],
    ['t,c\nt,c\n1,2', 'line 2 is not two numbers', 'two columns'],
    ['0,1\n1,2\n2,-3\n3,4', 'line 3 has a negative count', '0 or more'],
    ['0,1\n1,2\n1,3\n3,4', 'line 3 is not after', 'ascending'],
    ['3,1\n2,2\n1,3\n0,4', 'line 2 is not after', 'ascending'],
    ['0,1\n1,2\n2,3\n5,4\n6,1', 'not evenly spaced at line 4', 'steps of about'],
    ['0,0\n1,0\n2,0\n3,0', 'all counts are zero', 'some light'],
  ])('%j is refused with its line and what was expected', (text, message, expected) => {
    expect(() => parseDecayText(text)).toThrow(
      expect.objectContaining({
        code: 'FLIMD_E_RECORDING',
        message: expect.stringContaining(message),
        details: expect.objectContaining({ expected: expect.stringContaining(expected) }),
      }),
    );
  });
});

describe('a file with a decay', () => {
  it('is text or an SDT image, whose decays are summed, by its name', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'flimd-decay-'));
    const text = path.join(directory, 'decay.csv');
    const sdt = path.join(directory, 'image.sdt');
    await writeFile(text, rows(','));
    const counts = Uint16Array.from({ length: 2 * 2 * 16 }, (_, i) => i);
    await writeFile(sdt, writeSdt({ width: 2, height: 2, bins: 16, channels: [counts] }));
    expect(await readDecayFile(text)).toMatchObject({
      startPs: 100,
      image: null,
      source: { name: 'decay.csv' },
    });
    const image = await readDecayFile(sdt);
    expect(image).toMatchObject({ startPs: 0, binWidthPs: 781.25, source: { name: 'image.sdt' } });
    expect(image.counts[3]).toBe(3 + 19 + 35 + 51);
    expect(image.source.sha256).toMatch(/^[0-9a-f]{64}$/);
    await writeFile(sdt, 'no image');
    await expect(readDecayFile(sdt)).rejects.toMatchObject({
      code: 'FLIMD_E_RECORDING',
      message: expect.stringContaining(sdt),
    });
    await expect(readDecayFile(path.join(directory, 'missing.csv'))).rejects.toMatchObject({
      code: 'FLIMD_E_RECORDING',
      message: expect.stringContaining('cannot read'),
    });
    await rm(directory, { recursive: true });
  });
});
