import type { ConservationCheck, RecorderCounts, RunCounters } from '../protocol/stream.js';

/** Of a series and the recording that ended with it: what was published was recorded, or it is known why not. */
export function seriesRecordedLaw(
  { framesPublished }: RunCounters,
  { framesRecorded, framesDroppedByRecorder, framesNotAsked }: RecorderCounts,
): ConservationCheck {
  const right = framesRecorded + framesDroppedByRecorder + framesNotAsked;
  return {
    law: 'framesPublished = framesRecorded + framesDroppedByRecorder + framesNotAsked',
    left: framesPublished,
    right,
    holds: framesPublished === right,
  };
}

/** Of a recording that ended before its series, whose counters go on. */
export function recordingLaw({
  framesDelivered,
  framesRecorded,
  framesDroppedByRecorder,
}: RecorderCounts): ConservationCheck {
  const right = framesRecorded + framesDroppedByRecorder;
  return {
    law: 'framesDelivered = framesRecorded + framesDroppedByRecorder',
    left: framesDelivered,
    right,
    holds: framesDelivered === right,
  };
}
