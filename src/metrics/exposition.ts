import { Counter, Gauge, Registry } from 'prom-client';
import type { Metric, Sample } from './metric.js';
import { metricTable } from './metric-table.js';
import type { MetricsSnapshot } from './snapshot.js';

export interface Exposition {
  contentType: string;
  text: string;
}

/**
 * The text that Prometheus reads. Every scrape gets a registry of its own, filled from the figures that the daemon has
 * anyway: nothing is counted a second time, and nothing of an earlier scrape is left.
 */
export async function exposition(snapshot: MetricsSnapshot): Promise<Exposition> {
  const registry = new Registry();
  for (const metric of metricTable) {
    const read = metric.read(snapshot);
    if (read === null) continue;
    fill(registry, metric, typeof read === 'number' ? [{ labels: {}, value: read }] : read);
  }
  return { contentType: registry.contentType, text: await registry.metrics() };
}

function fill(registry: Registry, metric: Metric, samples: readonly Sample[]): void {
  const { name, help, labels = [] } = metric;
  const settings = { name, help, labelNames: labels, registers: [registry] };
  if (metric.type === 'gauge') {
    const target = new Gauge(settings);
    for (const sample of samples) target.set(sample.labels, sample.value);
  } else {
    const target = new Counter(settings);
    for (const sample of samples) target.inc(sample.labels, sample.value);
  }
}
