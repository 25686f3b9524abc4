import { SingleBar } from 'cli-progress';
import type { RecordingProgress, RecordingSummary } from '../protocol/stream.js';

export interface ProgressLine {
  show(progress: RecordingProgress): void;
  /** @param summary how it went; left out where that is not known */
  stop(summary?: RecordingSummary | null): void;
}

/** How a recording goes, on standard error. @param frames asked for; null: until it is ended */
export function recordingProgress(frames: number | null): ProgressLine {
  const done = frames === null ? '' : '|{bar}| {percentage} % · ';
  const bar = new SingleBar({
    format: `recording ${done}{frames} frames · {megabytes} MB · {dropped} dropped · {waiting} MB wait`,
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 2000,
    hideCursor: true,
  });
  const update = (recorded: number, { framesDroppedByRecorder, bytes }: Shown, queueBytes: number): void => {
    const figures = {
      frames: recorded,
      megabytes: megabytes(bytes),
      dropped: framesDroppedByRecorder,
      waiting: megabytes(queueBytes),
    };
    if (!bar.isActive) bar.start(frames ?? 1, 0, figures);
    bar.update(frames === null ? 0 : Math.min(frames, recorded), figures);
  };
  return {
    show: (progress) =>
      update(progress.framesDelivered - progress.framesDroppedByRecorder, progress, progress.queueBytes),
    stop(summary) {
      if (bar.isActive && summary) update(summary.framesRecorded, summary, 0);
      bar.stop();
    },
  };
}

type Shown = Pick<RecordingProgress, 'framesDroppedByRecorder' | 'bytes'>;

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
