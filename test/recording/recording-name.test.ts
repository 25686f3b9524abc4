import { expect, it } from 'vitest';
import { checkedName, nameFromTemplate, numberedName } from '../../src/recording/recording-name.js';

const parts = { series: 17, startedAt: Date.UTC(2025, 9, 9, 8, 53, 20), serial: 'SN/7:b' };

it('fills templates, in UTC, with what cannot lead out of a folder', () => {
  expect(nameFromTemplate('{date}-{time}-{series}', parts)).toBe('2025-10-09-085320Z-17.h5');
  expect(nameFromTemplate('cell {serial}', parts)).toBe('cell SN_7_b.h5');
  expect(() => nameFromTemplate('{serial}', { ...parts, serial: '../x' })).toThrow('no name for a recording');
});

it('takes plain names, with or without the suffix', () => {
  expect(checkedName('drop 1')).toBe('drop 1.h5');
  expect(checkedName('a.b-c_d+e.h5')).toBe('a.b-c_d+e.h5');
  expect(checkedName('Zelle ü 細胞')).toBe('Zelle ü 細胞.h5');
  for (const name of [
    '',
    '.',
    '..',
    '../a',
    'a/b',
    'a\\b',
    '/a',
    '.a',
    'a\0',
    'a\n',
    ' a',
    'x'.repeat(231),
  ]) {
    expect(() => checkedName(name), name).toThrow('no name for a recording');
  }
});

it('numbers the recordings of one series', () => {
  expect([1, 2, 10].map((number) => numberedName('a.h5', number))).toEqual(['a.h5', 'a-2.h5', 'a-10.h5']);
});
