import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { errorFromBody } from '../protocol/errors.js';
import { workerFile } from '../worker-file.js';
import { openStudy } from './study-file.js';
import { planStudy, type Stage, type StudyOptions } from './study-plan.js';
import { finishedStage } from './study-stage.js';
import type { StudyWorkerData, StudyWorkerMessage } from './study-worker.js';

export interface StageReport {
  id: string;
  /** 0 to 1; of the labels where the teacher is answering. */
  fractionDone: number;
  loss: number | null;
  labelling: boolean;
}

export interface StudyHooks {
  onStart?: (stages: readonly Stage[], finished: ReadonlySet<string>) => void;
  onProgress?: (report: StageReport) => void;
  onFinished?: (id: string) => void;
  signal?: AbortSignal;
}

/**
 * Trains what a study still lacks, `jobs` stages at a time, and leaves a checkpoint of each in the directory; true
 * when all are there. The teacher is trained alone, with all threads.
 */
export async function runStudy(
  directory: string,
  study: StudyOptions,
  jobs: number,
  hooks: StudyHooks = {},
): Promise<boolean> {
  await openStudy(directory, study);
  const stages = planStudy(study);
  const finished = new Set<string>();
  for (const stage of stages) if ((await finishedStage(directory, stage)) !== null) finished.add(stage.id);
  hooks.onStart?.(stages, finished);
  const open = stages.filter(({ id }) => !finished.has(id));
  const running = new Map<string, Promise<void>>();
  // A stage that fails ends the others, which leave their checkpoints.
  const failures: unknown[] = [];
  const failed = new AbortController();
  const signal = hooks.signal ? AbortSignal.any([hooks.signal, failed.signal]) : failed.signal;
  // The first distilled stage has the teacher answer for all of them.
  let labelsBegun = false;
  let labelsReady = false;
  const onProgress = (report: StageReport): void => {
    const { teacher } = stages.find(({ id }) => id === report.id)!;
    if (teacher !== null && !report.labelling) labelsReady = true;
    hooks.onProgress?.(report);
  };
  const launch = (stage: Stage): void => {
    open.splice(open.indexOf(stage), 1);
    if (stage.teacher !== null) labelsBegun = true;
    const threads = stage.role === 'teacher' ? jobs : 1;
    const work = runInWorker({ directory, stage, study, threads }, { onProgress, signal });
    const onEnd = (whole: boolean): void => {
      if (!whole) return;
      // A short training ends before it reports any progress.
      if (stage.teacher !== null) labelsReady = true;
      finished.add(stage.id);
      hooks.onFinished?.(stage.id);
    };
    const onFailure = (error: unknown): void => {
      failures.push(error);
      failed.abort();
    };
    const done = work.then(onEnd, onFailure).finally(() => running.delete(stage.id));
    running.set(stage.id, done);
  };
  while (open.length > 0 && !signal.aborted) {
    const needsLabels = ({ teacher }: Stage): boolean => teacher !== null && labelsBegun && !labelsReady;
    const atWork = stages.filter(({ id }) => running.has(id));
    const candidates = byUrgency(open, labelsBegun).filter((stage) => !needsLabels(stage));
    const next = nextStage(candidates, finished, atWork, jobs);
    if (next !== null) launch(next);
    else if (running.size === 0) break;
    else await Promise.race([...running.values(), sleep(POLL_MS)]);
  }
  await Promise.all(running.values());
  if (failures.length > 0) throw failures[0];
  return finished.size === stages.length;
}

/** The stage that has the teacher answer comes first: the others that are distilled wait for it. */
function byUrgency(open: readonly Stage[], labelsBegun: boolean): Stage[] {
  const first = labelsBegun ? undefined : open.find(({ teacher }) => teacher !== null);
  return first ? [first, ...open.filter((stage) => stage !== first)] : [...open];
}

/** A stage whose needs are met, if there is room for it; null otherwise. */
function nextStage(
  open: readonly Stage[],
  finished: ReadonlySet<string>,
  running: readonly Stage[],
  jobs: number,
): Stage | null {
  if (running.length >= jobs || running.some(({ role }) => role === 'teacher')) return null;
  const ready = open.filter(({ initial, teacher }) =>
    [initial, teacher].every((need) => need === null || finished.has(need)),
  );
  const teacher = ready.find(({ role }) => role === 'teacher');
  if (teacher) return running.length === 0 ? teacher : null;
  return ready[0] ?? null;
}

/** How often it is looked whether the labels are ready. */
const POLL_MS = 1000;

function runInWorker(workerData: StudyWorkerData, { onProgress, signal }: StudyHooks): Promise<boolean> {
  const { id } = workerData.stage;
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerFile(import.meta.url, './study-worker.js'), { workerData });
    const stop = (): void => worker.postMessage('stop');
    signal?.addEventListener('abort', stop, { once: true });
    let whole = false;
    worker.on('message', (message: StudyWorkerMessage) => {
      if ('finished' in message) whole = message.finished;
      else if ('error' in message) reject(errorFromBody(message.error));
      else if ('labels' in message) {
        onProgress?.({ id, fractionDone: message.labels, loss: null, labelling: true });
      } else onProgress?.({ id, fractionDone: message.fractionDone, loss: message.loss, labelling: false });
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      signal?.removeEventListener('abort', stop);
      resolve(whole);
    });
  });
}
