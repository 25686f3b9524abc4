/** Worker thread: trains one stage of a study, with a TF.js of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorBody, errorBody } from '../protocol/errors.js';
import type { Stage, StudyOptions } from './study-plan.js';
import { runStage } from './study-stage.js';

export interface StudyWorkerData {
  directory: string;
  stage: Stage;
  study: StudyOptions;
  threads: number;
}

export type StudyWorkerMessage =
  { fractionDone: number; loss: number } | { labels: number } | { finished: boolean } | { error: ErrorBody };

const { directory, stage, study, threads } = workerData as StudyWorkerData;
const interrupt = new AbortController();
parentPort!.once('message', () => interrupt.abort());

const post = (message: StudyWorkerMessage): void => parentPort!.postMessage(message);
try {
  const finished = await runStage(directory, stage, study, threads, {
    signal: interrupt.signal,
    onProgress: ({ fractionDone, loss }) => post({ fractionDone, loss }),
    onLabels: (fractionDone) => post({ labels: fractionDone }),
  });
  post({ finished });
} catch (error) {
  post({ error: errorBody(error) });
}
process.exit(0);
