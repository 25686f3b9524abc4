import { mkdirSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compressionOptions } from '../../src/evaluation/compression-options.js';
import { parseCompressionStudy } from '../../src/evaluation/compression-study.js';
import { decoderSize, livePathSize } from '../../src/evaluation/network-size.js';
import { evaluateStudy } from '../../src/evaluation/study-evaluation.js';
import { planStudy, studyId, type StudyOptions } from '../../src/evaluation/study-plan.js';
import { runStudy } from '../../src/evaluation/study-run.js';
import { finishedStage, runStage } from '../../src/evaluation/study-stage.js';
import { readCheckpoint, weightsHash } from '../../src/training/checkpoint.js';
import { testOptions } from '../training/test-prior.js';

const { prior, photons, photonFeature, photonWeightExponent, lossWeights, seed } = testOptions({});

/** Every stage of a study, each a few steps long. */
const tiny: StudyOptions = {
  common: { prior, photons, photonFeature, photonWeightExponent, lossWeights, seed },
  sizes: [8],
  teacher: { hidden: 12, head: 8, steps: [4, 6], batch: 16, learningRate: 0.003 },
  student: { head: 8, steps: 8, batch: 16, learningRate: 0.003 },
  qat: { steps: 3, learningRate: 0.001 },
  labelledBatches: 5,
  belief: { outputs: 0.9, sequence: 0.8 },
  dissectedSize: 8,
  mono: { hidden: 8, head: 8, steps: 6 },
};

describe('the plan of a study', () => {
  const stages = planStudy(compressionOptions);
  const ids = stages.map(({ id }) => id);

  it('names every training once, after those it needs', () => {
    expect(new Set(ids).size).toBe(ids.length);
    stages.forEach(({ initial, teacher }, at) => {
      for (const need of [initial, teacher]) {
        if (need !== null) expect(ids.slice(0, at)).toContain(need);
      }
    });
    // Two rounds of the teacher, 4 sizes × 2 origins × 3 precisions, 2 dissections, the control, the mono-exponential one.
    expect(ids).toHaveLength(2 + 4 * 2 * 3 + 2 + 1 + 1);
    expect(ids).toEqual(
      expect.arrayContaining([
        'teacher-1',
        'teacher',
        'student-8-scratch-float',
        'student-64-kd-qat4',
        'student-32-kd-outputs-float',
        'student-32-kd-sequence-float',
        'mono',
      ]),
    );
  });

  it('fine-tunes the float student of the same size and origin', () => {
    for (const origin of ['scratch', 'kd']) {
      for (const precision of [8, 4] as const) {
        const stage = stages.find(({ id }) => id === studyId(16, origin, precision))!;
        const float = stages.find(({ id }) => id === studyId(16, origin, null))!;
        expect(stage).toMatchObject({ initial: float.id, teacher: float.teacher, belief: float.belief });
        expect(stage.options).toEqual({
          ...float.options,
          name: stage.id,
          precision,
          ...compressionOptions.qat,
        });
        expect(float.options.precision).toBeNull();
      }
    }
  });

  it('distils by halves beside the whole', () => {
    const beliefOf = (label: string) => stages.find(({ id }) => id === studyId(32, label, null))!.belief;
    expect(beliefOf('scratch')).toBeNull();
    expect(beliefOf('kd')).toEqual({ outputs: 0.95, sequence: 0.95 });
    expect(beliefOf('kd-outputs')).toEqual({ outputs: 0.95, sequence: 0 });
    expect(beliefOf('kd-sequence')).toEqual({ outputs: 0, sequence: 0.95 });
  });
});

describe('a study', { timeout: 180_000 }, () => {
  let directory: string;
  let interrupted: string[];
  /** Stages that had the teacher answer, in the interrupted run and the one after it. */
  const labellers = { first: new Set<string>(), second: new Set<string>() };
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'flimd-study-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  const stages = planStudy(tiny);
  const finishedIn = async (): Promise<string[]> => {
    const found = await Promise.all(
      stages.map(async (stage) => ((await finishedStage(directory, stage)) ? [stage.id] : [])),
    );
    return found.flat();
  };
  const evaluation = {
    pixels: 60,
    samples: 400,
    seed: 1,
    threads: 1,
    recordings: null,
    models: '',
  };

  it('that is interrupted keeps what it has', async () => {
    const interrupt = new AbortController();
    const done: string[] = [];
    const finished = await runStudy(directory, tiny, 2, {
      signal: interrupt.signal,
      onProgress: ({ id, labelling }) => labelling && labellers.first.add(id),
      onFinished: (id) => {
        done.push(id);
        if (done.length === 4) interrupt.abort();
      },
    });
    expect(finished).toBe(false);
    expect(done.slice(0, 2)).toEqual(['teacher-1', 'teacher']);
    interrupted = await finishedIn();
    expect(interrupted).toEqual(expect.arrayContaining(done));
    expect(interrupted.length).toBeLessThan(7);
    await expect(evaluateStudy(directory, tiny, evaluation)).rejects.toMatchObject({
      code: 'FLIMD_E_STUDY',
      message: `the study in ${directory} lacks ${stages.length - interrupted.length} trainings`,
      details: { value: expect.arrayContaining(['mono']) },
    });
  });

  it('goes on where it stopped, to the end', async () => {
    const begun: string[] = [];
    const done: string[] = [];
    const finished = await runStudy(directory, tiny, 2, {
      onStart: (_, there) => begun.push(...there),
      onProgress: ({ id, labelling }) => labelling && labellers.second.add(id),
      onFinished: (id) => done.push(id),
    });
    expect(finished).toBe(true);
    expect(begun).toEqual(interrupted);
    expect([...begun, ...done].sort()).toEqual(stages.map(({ id }) => id).sort());
    // One distilled stage has the teacher answer, for all of them.
    expect(labellers.first.size).toBeLessThanOrEqual(1);
    expect(labellers.second.size).toBeLessThanOrEqual(1);
    expect(new Set([...labellers.first, ...labellers.second]).size).toBe(1);
    expect((await readdir(directory)).sort()).toEqual(
      ['study.json', 'labels.bin', ...stages.map(({ id }) => `${id}.json`)].sort(),
    );
    // Whole already: nothing is trained again.
    expect(await runStudy(directory, tiny, 2, { onFinished: (id) => done.push(`${id} again`) })).toBe(true);
    expect(done.filter((id) => id.endsWith('again'))).toEqual([]);
  });

  it('begins every stage with what it builds on', async () => {
    for (const stage of stages) {
      const { options, step } = await readCheckpoint(path.join(directory, `${stage.id}.json`));
      expect(step).toBe(stage.options.steps);
      const hashOf = async (id: string | null): Promise<string | null> =>
        id && weightsHash(await readCheckpoint(path.join(directory, `${id}.json`)));
      expect(options.initialWeights).toBe(await hashOf(stage.initial));
      expect(options.teacher?.sha256 ?? null).toBe(await hashOf(stage.teacher));
    }
  });

  it('is the same by one thread at a time', async () => {
    const other = await mkdtemp(path.join(tmpdir(), 'flimd-study-'));
    const wanted = ['student-8-scratch-float', 'student-8-scratch-qat4'];
    for (const stage of stages.filter(({ id }) => wanted.includes(id))) {
      expect(await runStage(other, stage, tiny, 1)).toBe(true);
      const [there, here] = await Promise.all(
        [directory, other].map((folder) => readCheckpoint(path.join(folder, `${stage.id}.json`))),
      );
      expect(weightsHash(here!)).toBe(weightsHash(there!));
    }
    await rm(other, { recursive: true });
  });

  it('of other options is refused in the same folder', async () => {
    const changed = { ...tiny, qat: { ...tiny.qat, steps: 4 } };
    await expect(runStudy(directory, changed, 2)).rejects.toMatchObject({ code: 'FLIMD_E_STUDY' });
  });

  it('is measured: every technique, every figure', async () => {
    const study = parseCompressionStudy(
      JSON.parse(JSON.stringify(await evaluateStudy(directory, tiny, evaluation))),
    );
    const techniques = [
      ['float', 32],
      ['ptq', 16],
      ['ptq', 8],
      ['ptq', 4],
      ['qat', 8],
      ['qat', 4],
    ] as const;
    const expected = ['scratch', 'kd'].flatMap((training) =>
      techniques.map(([quantization, bits]) => ['student', 8, training, quantization, bits].join(' ')),
    );
    const found = study.rows.map(({ role, hidden, training, quantization, bits }) =>
      [role, hidden, training, quantization, bits].join(' '),
    );
    expect(found.sort()).toEqual([...expected, 'teacher 12 scratch float 32'].sort());
    for (const row of study.rows) {
      const shape = { gates: 16, hidden: row.hidden, head: 8, outputs: 7, decoder: true };
      const precision = row.bits === 32 ? null : row.bits;
      expect(row).toMatchObject({
        ...livePathSize(shape, precision),
        decoder: decoderSize(shape, precision),
      });
      expect(row.sequenceRmse).not.toBeNull();
      for (const photons of ['50', '100', '500', '2000']) {
        // After so few steps no network can be near the best there is, on the same pixels.
        expect(row.rmseNs[photons]).toBeGreaterThan(row.bayesRmseNs[photons]!);
        expect(row.rmseNs[photons]).toBeGreaterThanOrEqual(row.maeNs[photons]!);
        expect(row.maeNs[photons]).toBeGreaterThanOrEqual(Math.abs(row.biasNs[photons]!));
      }
      expect(row.bayesRmseNs['2000']).toBeLessThan(row.bayesRmseNs['50']!);
    }
    expect(study.kd.rows.map(({ outputs, sequence }) => [outputs, sequence])).toEqual([
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ]);
    const kd = study.rows.find(({ training, bits }) => training === 'kd' && bits === 32)!;
    expect(study.kd.rows.at(-1)!.maeNs).toEqual(kd.maeNs);
    expect(study.mono!.rows.map(({ tauNs }) => tauNs)).toEqual([0.5, 1, 2, 3, 4]);
    for (const { f, crbF, ratio } of study.mono!.rows) expect(ratio).toBeCloseTo(f / crbF, 9);
    expect(study.uncertainty!.rows).toHaveLength(4 * 4);
    expect(study.classical.length).toBeGreaterThan(5);
    expect(study.recordings).toEqual([]);
    // Targets of Seq2SeqLite need 32 units: what is left are those of the mono training and the standard errors.
    expect(study.targets.map(({ met }) => met)).toEqual([false, false]);
    expect(study.trainingLogs.map(({ name }) => name)).toEqual(stages.map(({ id }) => id));
    const { steps } = study.rows.find(({ role }) => role === 'teacher')!;
    expect(steps).toBe(4 + 6);
    expect(study.prior).toEqual(prior);
  });

  it('in which a training fails stops the others and says why', async () => {
    const broken = await mkdtemp(path.join(tmpdir(), 'flimd-study-'));
    const endless = { ...tiny, student: { ...tiny.student, steps: 10_000_000 } };
    // A folder where the labels are to be written.
    const onFinished = (id: string): void => {
      if (id === 'teacher') mkdirSync(path.join(broken, 'labels.bin'));
    };
    await expect(runStudy(broken, endless, 2, { onFinished })).rejects.toMatchObject({
      code: 'FLIMD_E_INTERNAL',
      message: expect.stringContaining('EISDIR'),
    });
    const stopped = await readCheckpoint(path.join(broken, 'student-8-scratch-float.json'));
    expect(stopped.step).toBeLessThan(10_000_000);
    await rm(broken, { recursive: true });
  });

  it('tells a typed error of a training as such', async () => {
    const bad = await mkdtemp(path.join(tmpdir(), 'flimd-study-'));
    const steep = { ...tiny, teacher: { ...tiny.teacher, learningRate: 7 } };
    await expect(runStudy(bad, steep, 2)).rejects.toMatchObject({
      name: 'FlimdError',
      code: 'FLIMD_E_CONFIG',
      details: { value: 7, action: expect.any(String) },
    });
    await rm(bad, { recursive: true });
  });
});
