import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compressionReport } from '../../scripts/report/page.mjs';
import {
  type CompressionStudy,
  type StudyRow,
  parseCompressionStudy,
} from '../../src/evaluation/compression-study.js';
import { FlimdError } from '../../src/protocol/errors.js';
import { madeUpStudy } from '../support/made-up-study.js';

type Files = Record<string, string>;

const report = (study: CompressionStudy): Promise<Files> => compressionReport(study);
const pageOf = async (study: CompressionStudy) => (await report(study))['compression.md']!;

function rowOf(study: CompressionStudy, wanted: Partial<StudyRow>): StudyRow {
  const found = study.rows.filter((row) =>
    Object.entries(wanted).every(([key, value]) => row[key as keyof StudyRow] === value),
  );
  expect(found).toHaveLength(1);
  return found[0]!;
}

/** Cells of the lines of the page's tables that start with the given cells. */
function tableLines(page: string, ...start: string[]): string[][] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.slice(2, -2).split(' | '))
    .filter((cells) => start.every((cell, index) => cells[index] === cell));
}

const liteFloat = { role: 'student', hidden: 32, quantization: 'float' } as const;
const lite8 = { role: 'student', hidden: 32, training: 'kd', bits: 8 } as const;

describe('the study file', () => {
  it('is accepted as made, through JSON', () => {
    const study = madeUpStudy();
    expect(parseCompressionStudy(JSON.parse(JSON.stringify(study)))).toEqual(study);
  });

  const refused: [string, (study: any) => void, RegExp][] = [
    ['another format', (study) => (study.format = 'else'), /^format is not valid/],
    ['a missing figure', (study) => delete study.rows[3].rmseNs['500'], /^rows\.3\.rmseNs .*500 photons/],
    ['a missing output', (study) => delete study.rows[0].outputs.tau1, /^rows\.0\.outputs\.tau1 /],
    ['text for a number', (study) => (study.rows[1].maeNs['50'] = '0.4'), /^rows\.1\.maeNs\.50 .*number/],
    ['an unknown bit width', (study) => (study.rows[1].bits = 7), /^rows\.1\.bits /],
    ['an unknown field', (study) => (study.rows[1].rmsNs = {}), /^rows\.1 .*rmsNs/],
    [
      'a network twice',
      (study) => study.rows.push(study.rows[2]),
      /each network once.*student 8 scratch ptq/,
    ],
    ['a count that is none', (study) => (study.kd.rows[0].maeNs.many = 1), /^kd\.rows\.0\.maeNs/],
  ];
  it.each(refused)('is refused for %s', (_, spoil, message) => {
    const study = structuredClone(madeUpStudy());
    spoil(study);
    try {
      parseCompressionStudy(study);
      expect.unreachable('accepted');
    } catch (error) {
      expect(error).toBeInstanceOf(FlimdError);
      expect((error as FlimdError).code).toBe('FLIMD_E_STUDY');
      expect((error as FlimdError).message).toMatch(message);
      expect((error as FlimdError).details.action).toContain('compression-study.ts');
    }
  });
});

describe('the report', () => {
  it('has the figures of the study in its tables', async () => {
    const study = madeUpStudy();
    const row = rowOf(study, { ...lite8, quantization: 'qat' });
    Object.assign(row, { parameters: 12_345, bytes: 6_789, macsPerPixel: 1_011_121 });
    row.rmseNs['500'] = 0.31415;
    row.bayesRmseNs['500'] = 0.3;
    row.maeNs['100'] = 0.27183;
    row.biasNs['2000'] = -0.01618;
    row.outputs.fraction.rmse['50'] = 0.11235;
    row.standardErrorRatio!['50'] = 1.23456;
    const page = await pageOf(study);
    const lines = tableLines(page, 'Seq2SeqLite 32', 'KD', 'QAT 8 bit');
    const cells = lines.flat();
    expect(cells).toContain('0.314 (1.047)');
    expect(cells).toContain('0.272');
    expect(cells).toContain('−0.016');
    expect(cells).toContain('1.235');
    expect(lines.some((line) => line[3]!.startsWith('0.1124 ('))).toBe(true);
    expect(tableLines(page, 'Seq2SeqLite 32', '8', '12,345', '6,789', '1,011,121')).toHaveLength(1);
  });

  it('says whether KD helped as the figures have it', async () => {
    const study = madeUpStudy();
    const [kd, scratch] = (['kd', 'scratch'] as const).map((training) =>
      rowOf(study, { ...liteFloat, training }),
    ) as [StudyRow, StudyRow];
    scratch.maeNs = { '50': 0.4, '100': 0.3, '500': 0.2, '2000': 0.1 };
    kd.maeNs = { '50': 0.38, '100': 0.285, '500': 0.19, '2000': 0.095 };
    expect(await pageOf(study)).toContain(
      'changes by −5.0 % against training from scratch: better at every photon count.',
    );
    kd.maeNs = { '50': 0.44, '100': 0.3, '500': 0.19, '2000': 0.095 };
    expect(await pageOf(study)).toContain(
      'changes by −5.0 % to +10.0 % against training from scratch: better at 500 and 2,000 photons, worse at 50 photons and the same within 0.05 % at 100 photons.',
    );
  });

  it('says whether QAT beats PTQ as the figures have it', async () => {
    const study = madeUpStudy();
    expect(await pageOf(study)).toContain('beside PTQ, QAT is better at every photon count.');
    const [qat, ptq] = (['qat', 'ptq'] as const).map((quantization) =>
      rowOf(study, { ...lite8, quantization }),
    );
    [qat!.maeNs, ptq!.maeNs] = [ptq!.maeNs, qat!.maeNs];
    expect(await pageOf(study)).toContain('beside PTQ, QAT is worse at every photon count.');
  });

  it('names the estimators that the network does not beat, and where', async () => {
    const study = madeUpStudy();
    expect(await pageOf(study)).toContain('Phasor and Levenberg–Marquardt with IRF at every photon count.');
    study.classical.find(({ name }) => name === 'lm')!.rmseNs['2000'] = 0.001;
    const page = await pageOf(study);
    expect(page).toContain('Rapid lifetime determination and Phasor at every photon count; it is');
    expect(page).toContain('larger than that of Levenberg–Marquardt with IRF at 2,000 photons.');
  });

  it('counts parameters against the teacher either way', async () => {
    const study = madeUpStudy();
    const row = rowOf(study, { ...liteFloat, training: 'kd' });
    rowOf(study, { role: 'teacher' }).parameters = 2000;
    row.parameters = 500;
    expect(await pageOf(study)).toContain('500 parameters on the live path, 75.0 % fewer than');
    row.parameters = 3000;
    expect(await pageOf(study)).toContain('3,000 parameters on the live path, 50.0 % more than');
  });

  it('shows targets met and missed', async () => {
    const page = await pageOf(madeUpStudy());
    expect(page).toContain('1 of 2 targets are met.');
    expect(tableLines(page, 'a made-up target')[0]!.at(-1)).toBe('met');
    expect(tableLines(page, 'another')[0]!.at(-1)).toBe('**missed**');
  });

  it('compares ways of distilling with a control only where there is one', async () => {
    const study = madeUpStudy();
    expect(await pageOf(study)).toMatch(
      /comes from outputs and sequence, −1\.9 % against neither; beside it/,
    );
    study.kd.rows = study.kd.rows.filter((row) => row.outputs || row.sequence);
    expect(await pageOf(study)).toMatch(/comes from outputs and sequence; beside it/);
  });

  it('marks estimators without a figure', async () => {
    const study = madeUpStudy();
    study.classical[0]!.rmseNs['50'] = null;
    expect(tableLines(await pageOf(study), 'Centre of mass')[0]![1]).toMatch(/^– · 1\.\d+/);
  });

  it('leaves out what has no figures, text and chart', async () => {
    const study = madeUpStudy();
    const full = await report(study);
    const sections: [string, string | null][] = [
      ['## Targets', null],
      ['## Classical estimators', 'classical'],
      ['## Mono-exponential training', 'cramer-rao'],
      ['## Predicted standard error', 'standard-error'],
      ['## Real recordings', null],
      ['### What of the teacher helped', null],
      ['Losses of different kinds', 'training-loss'],
    ];
    for (const [text, chart] of sections) {
      expect(full['compression.md']).toContain(text);
      if (chart) expect(full[`compression/${chart}.svg`]).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
    }
    Object.assign(study, { mono: null, uncertainty: null, kd: { rows: [] } });
    Object.assign(study, { classical: [], recordings: [], targets: [], trainingLogs: [] });
    for (const row of study.rows) row.standardErrorRatio = null;
    const bare = await report(study);
    for (const [text, chart] of sections) {
      expect(bare['compression.md']).not.toContain(text);
      if (chart) expect(bare).not.toHaveProperty([`compression/${chart}.svg`]);
    }
    expect(bare['compression.md']).not.toMatch(/undefined|null|NaN|\n\n\n/);
  });

  it('is made of a single network too', async () => {
    const study = madeUpStudy();
    study.rows = [rowOf(study, { role: 'teacher' })];
    const files = await report(study);
    expect(files['compression.md']).not.toMatch(/undefined|null|NaN|\n\n\n|## Quantization|its? RMSE is/i);
    expect(Object.keys(files)).not.toContain('compression/rmse-against-bits.svg');
  });

  it('refers to every chart it has and to no other, and writes no NaN into them', async () => {
    const files = await report(madeUpStudy());
    const referred = [...files['compression.md']!.matchAll(/\]\((compression\/[^)]+)\)/g)].map(
      (match) => match[1],
    );
    expect(referred.sort()).toEqual(
      Object.keys(files)
        .filter((name) => name.endsWith('.svg'))
        .sort(),
    );
    expect(referred).toHaveLength(7);
    for (const name of referred) expect(files[name!], name).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('is the same bytes for the same study, whatever was drawn before', async () => {
    const first = await report(madeUpStudy());
    await report(madeUpStudy([8]));
    expect(await report(madeUpStudy())).toEqual(first);
  });
});

describe('the command', () => {
  const script = path.resolve(import.meta.dirname, '../../scripts/compression-report.mjs');
  let folder: string;
  const run = (...args: string[]) => {
    const study = path.join(folder, 'compression.json');
    const command = [script, '--study', study, ...args];
    return new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, command, (error, stdout, stderr) =>
        resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
      );
    });
  };

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'flimd-report-'));
    writeFileSync(path.join(folder, 'compression.json'), JSON.stringify(madeUpStudy()));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('writes the report, and --check tells a stale one from a fresh one', async () => {
    expect((await run('--check')).status).toBe(1);
    expect(readdirSync(folder)).toEqual(['compression.json']);
    expect((await run()).status).toBe(0);
    expect(await run('--check')).toMatchObject({ status: 0, stdout: '' });

    const page = path.join(folder, 'compression.md');
    writeFileSync(page, readFileSync(page, 'utf8').replace('1 of 2 targets', '2 of 2 targets'));
    expect(await run('--check')).toMatchObject({ status: 1, stdout: 'stale: compression.md\n' });
    writeFileSync(path.join(folder, 'compression/left-over.svg'), '<svg/>');
    expect((await run()).stdout).toBe('wrote: compression.md\nremoved: compression/left-over.svg\n');
    expect((await run('--check')).status).toBe(0);
  });

  it('explains itself, and refuses a damaged study and an unknown option', async () => {
    expect((await run('--help')).stdout).toContain('--check');
    expect(await run('--chek')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('FLIMD_E_CONFIG'),
    });
    writeFileSync(path.join(folder, 'damaged.json'), '{"format":');
    const damaged = await run('--study', path.join(folder, 'damaged.json'));
    expect(damaged).toMatchObject({ status: 1, stderr: expect.stringContaining('FLIMD_E_STUDY') });
  });
});
