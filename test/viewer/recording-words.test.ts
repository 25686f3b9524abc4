import { describe, expect, it } from 'vitest';
import type { RecordingProgress, RecordingStatus } from '../../src/protocol/stream.js';
import { recordingWords } from '../../viewer/src/recording-words.js';
import { daemonStatus, recording as summary } from '../stream/sample-messages.js';

const idle: RecordingStatus = { ...daemonStatus().recording!, current: null, last: null };
const current: RecordingProgress = { ...daemonStatus().recording!.current!, framesDroppedByRecorder: 0 };

describe('the words for a recording', () => {
  it.each([
    [null, 'unknown', /out of reach/],
    [idle, 'off', /Record this series from now on into \/data\/recordings/],
    [{ ...idle, next: true }, 'next', /next series will be recorded/],
    [{ ...idle, current }, 'recording', /click to end it/],
    [{ ...idle, current: { ...current, state: 'finishing' as const } }, 'finishing', /being closed/],
    [{ ...idle, current: { ...current, state: 'failed' as const } }, 'failed', /has failed/],
  ])('say what the button does (%#)', (status, state, hint) => {
    expect(recordingWords(status, true)).toMatchObject({ state, hint: expect.stringMatching(hint) });
  });

  it('know of a series to come', () => {
    expect(recordingWords(idle, false).hint).toMatch(/^Record the next series/);
  });

  it('count frames, bytes and what was dropped, and warn of it', () => {
    expect(recordingWords(idle, true)).toMatchObject({ readout: '–', alarm: 'none' });
    expect(recordingWords({ ...idle, current }, true)).toMatchObject({
      readout: '10 (0) · 5.00 GB',
      alarm: 'none',
    });
    const dropping = recordingWords({ ...idle, current: { ...current, framesDroppedByRecorder: 3 } }, true);
    expect(dropping).toMatchObject({ readout: '10 (3) · 5.00 GB', alarm: 'warning' });
    expect(dropping.advice).toMatch(/3 frames are not in the file/);
    const failed = recordingWords(
      { ...idle, last: summary, error: { code: 'FLIMD_E_RECORDING_WRITE', message: 'gone' } },
      true,
    );
    expect(failed).toMatchObject({ alarm: 'alarm', advice: expect.stringContaining('gone') });
  });
});
