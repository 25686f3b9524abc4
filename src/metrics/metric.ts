import type { MetricsSnapshot } from './snapshot.js';

export interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** One metric: its name, what it means in one sentence, and where its value is found. */
export interface Metric {
  /** With its base unit in it; a counter ends in `_total`. */
  name: `flimd_${string}`;
  type: 'gauge' | 'counter';
  help: string;
  /** Names of the labels of its samples. */
  labels?: readonly string[];
  /** null where there is nothing to tell: the metric is then left out of the answer. */
  read(from: MetricsSnapshot): number | readonly Sample[] | null;
}

export interface MetricGroup {
  title: string;
  metrics: readonly Metric[];
}

export const gauge = (name: Metric['name'], help: string, read: Metric['read']): Metric => ({
  name,
  type: 'gauge',
  help,
  read,
});

export const counter = (name: Metric['name'], help: string, read: Metric['read']): Metric => ({
  name,
  type: 'counter',
  help,
  read,
});

/** One sample for each of the names, under the label `label`. */
export const labelled = (
  metric: Metric,
  label: string,
  read: (from: MetricsSnapshot) => Iterable<readonly [name: string, value: number]> | null,
): Metric => ({
  ...metric,
  labels: [label],
  read: (from) => {
    const values = read(from);
    return values && Array.from(values, ([name, value]) => ({ labels: { [label]: name }, value }));
  },
});

/** 1 for the name that holds now, 0 for the others. */
export const oneOf = (names: readonly string[], now: string | null): [string, number][] =>
  names.map((name) => [name, name === now ? 1 : 0]);

export const flag = (value: boolean): number => (value ? 1 : 0);
