import { SingleBar } from 'cli-progress';
import type { TrainPackageHooks } from '../training/train-package.js';

/** Resolution of the progress bar. */
const BAR_TICKS = 1000;

/** A progress bar, and an interrupt (Ctrl-C, SIGTERM) that ends the run with a checkpoint. */
export function progressHooks(): { hooks: TrainPackageHooks; finish: () => void } {
  const bar = new SingleBar({
    format: 'training |{bar}| {percentage} % · step {step} · loss {loss} · {rate} steps/s · {left} left',
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
    hideCursor: true,
  });
  const interrupt = new AbortController();
  const abort = (): void => interrupt.abort();
  process.once('SIGINT', abort).once('SIGTERM', abort);
  let answered = 0;
  const hooks: TrainPackageHooks = {
    signal: interrupt.signal,
    onLabels: (fractionDone) => {
      if (Math.floor(10 * fractionDone) <= answered) return;
      answered = Math.floor(10 * fractionDone);
      process.stderr.write(`the teacher has answered ${10 * answered} % of the batches\n`);
    },
    onProgress: ({ step, fractionDone, loss, stepsPerSecond, secondsLeft }) => {
      const figures = {
        step,
        loss: loss.toExponential(3),
        rate: stepsPerSecond.toFixed(0),
        left: `${Math.floor(secondsLeft / 60)} min ${Math.floor(secondsLeft % 60)} s`,
      };
      if (!bar.isActive) bar.start(BAR_TICKS, 0, figures);
      bar.update(Math.round(BAR_TICKS * fractionDone), figures);
    },
    onMeasuring: () => {
      bar.stop();
      process.stderr.write('measuring the integer network beside the Bayes limit …\n');
    },
  };
  const finish = (): void => {
    bar.stop();
    process.off('SIGINT', abort).off('SIGTERM', abort);
  };
  return { hooks, finish };
}
