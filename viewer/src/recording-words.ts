import type { RecordingStatus } from '../../src/protocol/index.js';
import { grouped, short } from './wording.js';

/** What the record button shows: `failed` and `recording` can be stopped, `next` taken back. */
export type RecordButtonState = 'unknown' | 'off' | 'next' | 'recording' | 'finishing' | 'failed';

export interface RecordingWords {
  state: RecordButtonState;
  /** What a click does, or why it does nothing. */
  hint: string;
  /** Frames, dropped frames and size of the recording at hand, or of the last one. */
  readout: string;
  advice: string;
  alarm: 'none' | 'warning' | 'alarm';
}

/** @param running a series is armed or under way */
export function recordingWords(status: RecordingStatus | null, running: boolean): RecordingWords {
  if (!status) {
    const hint = 'The daemon is out of reach, or cannot record';
    return { state: 'unknown', hint, readout: '–', advice: 'Nothing is known of recordings.', alarm: 'none' };
  }
  return { ...buttonWords(status, running), ...readoutWords(status) };
}

function buttonWords(
  { current, next, directory }: RecordingStatus,
  running: boolean,
): Pick<RecordingWords, 'state' | 'hint'> {
  if (current?.state === 'finishing') return { state: 'finishing', hint: `${current.name} is being closed` };
  if (current?.state === 'failed') {
    return { state: 'failed', hint: `The recording has failed; click to put it away (R)` };
  }
  if (current) return { state: 'recording', hint: `Recording ${current.name}; click to end it (R)` };
  if (next) return { state: 'next', hint: 'The next series will be recorded; click to leave that (R)' };
  const what = running ? 'this series from now on' : 'the next series';
  return { state: 'off', hint: `Record ${what} into ${directory} (R)` };
}

function readoutWords({
  current,
  last,
  error,
}: RecordingStatus): Pick<RecordingWords, 'readout' | 'advice' | 'alarm'> {
  const shown = current ?? last;
  if (!shown) return { readout: '–', advice: 'Nothing has been recorded yet.', alarm: 'none' };
  const { framesRecorded, framesDroppedByRecorder: dropped, bytes, name } = shown;
  const story = [
    `${current ? 'Recording' : 'Last recording'} ${name}: ${grouped(framesRecorded)} frames in the file, ${short(bytes)}B.`,
    dropped === 0
      ? 'No frame was dropped.'
      : `${grouped(dropped)} frames are not in the file: the disk does not keep up, or failed. The live view has them.`,
    ...(error ? [`${error.message}. ${error.action ?? ''}`] : []),
  ];
  return {
    readout: `${short(framesRecorded)} (${short(dropped)}) · ${short(bytes)}B`,
    advice: story.join('\n'),
    alarm: error ? 'alarm' : dropped > 0 ? 'warning' : 'none',
  };
}
