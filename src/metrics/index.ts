export { exposition, type Exposition } from './exposition.js';
export { metricGroups, metricTable } from './metric-table.js';
export type { Metric, MetricGroup } from './metric.js';
export { ProcessWatch } from './process-watch.js';
export { type MetricsSnapshot, type RunTotals, settledCounters, type SummedCounter } from './snapshot.js';
