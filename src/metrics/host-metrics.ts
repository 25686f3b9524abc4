import { counter, gauge, labelled, type Metric } from './metric.js';

/** Clients of the stream. */
export const streamMetrics: readonly Metric[] = [
  gauge('flimd_stream_clients', 'Clients of the stream now.', ({ status }) => status.stream.clients),
  counter(
    'flimd_stream_frames_encoded_total',
    'Frames encoded, once for each choice of planes.',
    ({ status }) => status.stream.framesEncoded,
  ),
  counter(
    'flimd_stream_frames_sent_total',
    'Frames handed to clients, all together.',
    ({ status }) => status.stream.framesSent,
  ),
  counter(
    'flimd_stream_frames_skipped_total',
    'Frames that slow clients missed, all together.',
    ({ status }) => status.stream.framesSkipped,
  ),
  counter(
    'flimd_stream_sent_bytes_total',
    'Bytes of messages handed to clients, all together.',
    ({ status }) => status.stream.bytesSent ?? null,
  ),
];

/** The process that the daemon is. */
export const processMetrics: readonly Metric[] = [
  gauge(
    'flimd_process_resident_memory_bytes',
    'Memory of the process that is in RAM.',
    ({ process }) => process.residentBytes,
  ),
  gauge(
    'flimd_process_heap_used_bytes',
    'Memory of JavaScript objects of the main thread.',
    ({ process }) => process.heapUsedBytes,
  ),
  gauge(
    'flimd_process_external_memory_bytes',
    'Memory of buffers outside the JavaScript heap.',
    ({ process }) => process.externalBytes,
  ),
  counter(
    'flimd_process_cpu_seconds_total',
    'CPU time of all threads of the process.',
    ({ process }) => process.cpuSeconds,
  ),
  labelled(
    gauge(
      'flimd_event_loop_delay_seconds',
      'How late the main thread came to what was due, quantiles of the last whole 10 s; 1 is the greatest.',
      () => null,
    ),
    'quantile',
    ({ process: { loopDelaySeconds } }) =>
      loopDelaySeconds && [
        ['0.5', loopDelaySeconds.p50],
        ['0.99', loopDelaySeconds.p99],
        ['1', loopDelaySeconds.max],
      ],
  ),
];
