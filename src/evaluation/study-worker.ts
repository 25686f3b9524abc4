/** Worker thread: trains one stage of a study, with a TF.js of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Stage, StudyOptions } from './study-plan.js';
import { runStage } from './study-stage.js';

export interface StudyWorkerData {
  directory: string;
  stage: Stage;
  study: StudyOptions;
  threads: number;
}

const { directory, stage, study, threads } = workerData as StudyWorkerData;
const interrupt = new AbortController();
parentPort!.once('message', () => interrupt.abort());

const finished = await runStage(directory, stage, study, threads, {
  signal: interrupt.signal,
  onProgress: ({ fractionDone, loss, stepsPerSecond }) =>
    parentPort!.postMessage({ fractionDone, loss, stepsPerSecond }),
  onLabels: (fractionDone) => parentPort!.postMessage({ labels: fractionDone }),
});
parentPort!.postMessage({ finished });
process.exit(0);
