import { SingleBar } from 'cli-progress';
import type { RecordingProgress } from '../protocol/stream.js';

export interface ProgressLine {
  show(progress: RecordingProgress): void;
  stop(): void;
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
  return {
    show({ framesDelivered, framesDroppedByRecorder, bytes, queueBytes }) {
      const recorded = framesDelivered - framesDroppedByRecorder;
      const figures = {
        frames: recorded,
        megabytes: (bytes / 1e6).toFixed(1),
        dropped: framesDroppedByRecorder,
        waiting: (queueBytes / 1e6).toFixed(1),
      };
      if (!bar.isActive) bar.start(frames ?? 1, 0, figures);
      bar.update(frames === null ? 0 : Math.min(frames, recorded), figures);
    },
    stop: () => bar.stop(),
  };
}
