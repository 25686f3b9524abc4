import { cameraMetrics } from './camera-metrics.js';
import { processMetrics, streamMetrics } from './host-metrics.js';
import type { Metric, MetricGroup } from './metric.js';
import { ofRun, sinceStart } from './run-counter-metrics.js';
import { recordingMetrics } from './recording-metrics.js';
import { frameMetrics, runMetrics } from './run-metrics.js';
import { slowControlMetrics } from './slow-control-metrics.js';

/** Every metric, written once: `GET /metrics` and docs/metrics.md are made from it. */
export const metricGroups: readonly MetricGroup[] = [
  { title: 'State', metrics: runMetrics },
  { title: 'Packets and frames since the start', metrics: sinceStart },
  { title: 'Packets and frames of a series', metrics: ofRun },
  { title: 'Lifetimes', metrics: frameMetrics },
  { title: 'Camera', metrics: cameraMetrics },
  { title: 'Slow control', metrics: slowControlMetrics },
  { title: 'Recording', metrics: recordingMetrics },
  { title: 'Stream', metrics: streamMetrics },
  { title: 'Process', metrics: processMetrics },
];

export const metricTable: readonly Metric[] = metricGroups.flatMap(({ metrics }) => metrics);
