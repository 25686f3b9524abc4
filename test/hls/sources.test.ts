import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeWithTool } from '../support/tools.js';
import { root } from './core-program.js';

const inFolder = (folder: string): string[] =>
  readdirSync(path.join(root, folder)).map((name) => path.join(folder, name));

/** What an HLS tool gets; the vendor's wrapper goes to Vitis HLS alone, which knows more. */
const portable = [...inFolder('hls/core'), ...inFolder('hls/top')];
const synthesized = [...portable, ...inFolder('hls/vendor')];
const programs = synthesized.filter((file) => file.endsWith('.cpp'));

/** The code of a file, without comments. */
const codeOf = (file: string): string =>
  readFileSync(path.join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '');

/** What the tools refuse, or must not see (hls/README.md, "Rules"). */
const refused: [string, RegExp][] = [
  ['floating point', /\b(float|double|sqrt|pow|log2)\b/],
  ['the heap', /\b(new|delete|malloc|free)\b(?!_)/],
  ['the standard library', /\bstd::|#include <(?!stdint\.h>|model\.h>|ap_axi_sdata\.h>|hls_stream\.h>)/],
  ['virtual functions, exceptions, run-time types', /\b(virtual|throw|try|catch|dynamic_cast|typeid)\b/],
  ['C++17', /\binline constexpr\b|\bif constexpr\b|(?<!using )\bnamespace \w+::\w+/],
  ['plain pragmas: only _Pragma in pragmas.h', /#pragma (?!once)/],
  ['platform integers', /\b(long|short|unsigned|size_t)\b/],
];

describe('sources of the HLS core', () => {
  it.each(refused)('use no %s', (_what, pattern) => {
    const found = synthesized
      .filter((file) => pattern.test(codeOf(file)))
      .map((file) => `${file}: ${pattern.exec(codeOf(file))![0]}`);
    expect(found).toEqual([]);
  });

  it('call no function of themselves again', () => {
    // A body that names its own function: the only recursion that is possible where functions stand in order.
    const definitions =
      /\n(?:template <[^{;]*>\n)?(?:static |inline )*[\w:]+(?:<[^;{]*>)? (\w+)\([^;{]*\) \{\n([\s\S]*?)\n\}/g;
    let functions = 0;
    for (const file of synthesized) {
      for (const [, name, body] of codeOf(file).matchAll(definitions)) {
        functions++;
        expect(new RegExp(`\\b${name}[<(]`).test(body!), `${file}: ${name}`).toBe(false);
      }
    }
    expect(functions).toBeGreaterThan(20);
  });

  it('keep TLAST and the streams of the vendor out of the portable part', () => {
    const found = portable.filter((file) => /\b(ap_|hls::stream|last\b)/.test(codeOf(file)));
    expect(found).toEqual([]);
  });

  it('say what every loop is: rolled or unrolled to Bambu, pipelined or unrolled to Vitis', () => {
    let loops = 0;
    for (const file of portable) {
      const lines = codeOf(file)
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
      lines.forEach((line, at) => {
        if (!line.startsWith('for (')) return;
        loops++;
        const before = lines[at - 1];
        const where = `${file}: ${line}`;
        expect(['FLIMD_ROLLED', 'FLIMD_UNROLLED'], where).toContain(before);
        if (before === 'FLIMD_UNROLLED') expect(lines[at + 1], where).toBe('FLIMD_UNROLL');
      });
    }
    expect(loops).toBeGreaterThan(30);
  });
});

const include = [
  '-I',
  path.join(root, 'hls/generated/cells-12.5ns-32'),
  '-I',
  path.join(root, 'hls/sim/vendor'),
];
const strict = ['-std=c++14', '-fsyntax-only', '-Wall', '-Wextra', '-Wpedantic', '-Werror'];

describeWithTool(['clang++', 'g++'], 'compilers', () => {
  it.each([
    ['g++', []],
    ['clang++', []],
    ['clang++', ['-D__BAMBU__']],
    // Names of loops and pragmas of the tool appear; no label may stand twice in a function.
    ['clang++', ['-D__SYNTHESIS__', '-Wno-unknown-pragmas', '-Wno-unused-label']],
  ])('%s %j take the sources as C++14, without a warning', (compiler, flags) => {
    for (const file of programs) {
      const { status, stderr } = spawnSync(
        compiler,
        [...strict, ...flags, ...include, path.join(root, file)],
        {
          encoding: 'utf8',
        },
      );
      expect(stderr).toBe('');
      expect(status).toBe(0);
    }
  });

  const preprocessed = (files: readonly string[], flag: string): string =>
    files
      .map((file) =>
        execFileSync('clang++', ['-E', flag, ...include, path.join(root, file)], {
          encoding: 'utf8',
          maxBuffer: 1 << 26,
        }),
      )
      .join('\n');
  const pragmas = (text: string): string[] => text.match(/#pragma (?!GCC|clang|once).*/g) ?? [];

  it('show Bambu nothing but its own pragmas before loops', () => {
    const found = new Set(
      pragmas(preprocessed(['hls/top/flimd_core.cpp', 'hls/top/flimd_decay.cpp'], '-D__BAMBU__')),
    );
    expect([...found].sort()).toEqual(['#pragma nounroll', '#pragma unroll']);
  });

  it('show Vitis HLS an initiation interval for every pipeline, and every register of the contract', () => {
    const found = pragmas(preprocessed(programs, '-D__SYNTHESIS__'));
    expect(
      found.filter((line) => line.includes('PIPELINE')).every((line) => /II = [12]$/.test(line.trim())),
    ).toBe(true);
    expect(found.filter((line) => line.includes('PIPELINE')).length).toBeGreaterThan(10);
    expect(found.every((line) => line.startsWith('#pragma HLS '))).toBe(true);
    const offsets = found.flatMap(
      (line) => /port = (\w+) offset = (\w+)/.exec(line)?.slice(1).join(' ') ?? [],
    );
    expect(new Set(offsets)).toEqual(
      new Set(['pixels 0x10', 'min_photons 0x18', 'bins 0x20', 'load 0x28', 'image 0x8000']),
    );
  });
});
