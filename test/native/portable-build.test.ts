import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import { crc32c } from '../../src/protocol/crc32c.js';

const root = path.resolve(import.meta.dirname, '../..');
const kernels = path.join(root, 'native/kernels');
let folder: string;
let program: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flimd-portable-'));
  program = path.join(folder, 'portable-check');
  const sources = readdirSync(kernels).filter((name) => name.endsWith('.cc'));
  execFileSync(process.env.CXX ?? 'c++', [
    ...['-std=c++20', '-Wall', '-Wextra', '-Werror', '-DFLIMD_X86_SIMD=0', '-I', path.join(root, 'native')],
    path.join(root, 'test/native/portable-check.cc'),
    ...sources.map((name) => path.join(kernels, name)),
    ...['-o', program],
  ]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('builds without x86 SIMD, without a warning, and has the scalar kernel and the portable CRC-32C', () => {
  const random = new Random(3);
  for (const length of [0, 1, 7, 8, 9, 63, 64, 4099]) {
    const bytes = Uint8Array.from({ length }, () => random.below(256));
    const output = execFileSync(program, { input: bytes, encoding: 'utf8' });
    expect(output).toBe(`1 ${crc32c(bytes).toString(16).padStart(8, '0')}\n`);
  }
});
