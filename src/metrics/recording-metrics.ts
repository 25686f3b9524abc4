import type { RecordingProgress } from '../protocol/stream.js';
import { flag, gauge, labelled, type Metric, oneOf } from './metric.js';

const states = ['none', 'recording', 'finishing', 'failed'] as const satisfies readonly (
  RecordingProgress['state'] | 'none'
)[];

/** Of the recording at hand; left out while nothing is recorded. */
const current = (name: Metric['name'], help: string, of: (recording: RecordingProgress) => number): Metric =>
  gauge(name, help, ({ status }) => (status.recording?.current ? of(status.recording.current) : null));

/** What is written to disk. */
export const recordingMetrics: readonly Metric[] = [
  labelled(
    gauge('flimd_recording_state', '1 for the state of the recording at hand, 0 for the others.', () => null),
    'state',
    ({ status }) => oneOf(states, status.recording?.current?.state ?? 'none'),
  ),
  gauge('flimd_recording_error', '1 where the recording at hand has failed, or the last one.', ({ status }) =>
    flag((status.recording?.error ?? null) !== null),
  ),
  current('flimd_recording_frames_recorded', 'Frames in the file.', (now) => now.framesRecorded),
  current(
    'flimd_recording_frames_dropped',
    'Frames that the disk was too slow for.',
    (now) => now.framesDroppedByRecorder,
  ),
  current('flimd_recording_bytes', 'Size of the file, as of the last flush.', (now) => now.bytes),
  current('flimd_recording_queue_bytes', 'Frames that wait for the disk.', (now) => now.queueBytes),
  current(
    'flimd_recording_queue_limit_bytes',
    'Room for frames that wait for the disk.',
    (now) => now.queueLimitBytes,
  ),
];
