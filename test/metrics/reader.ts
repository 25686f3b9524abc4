import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** FLIMD_PYTHON names the interpreter where prometheus_client is installed, such as one of a virtual environment. */
const python = process.env.FLIMD_PYTHON ?? 'python3';

/** Whether the tests run: in CI the reader has to be there. */
export const hasReader =
  spawnSync(python, ['-c', 'import prometheus_client']).status === 0 || process.env.CI !== undefined;
if (!hasReader) {
  console.warn(
    `skipped: no prometheus_client for ${python}; pip install prometheus_client, or set FLIMD_PYTHON`,
  );
}

/** A scrape as a parser of another make has read it. */
export class Scrape {
  private readonly values = new Map<string, number>();
  private readonly types = new Map<string, string>();

  constructor(text: string) {
    const script = path.join(import.meta.dirname, 'read_metrics.py');
    const reader = spawnSync(python, [script], { input: text, encoding: 'utf8' });
    if (reader.status !== 0) throw new Error(reader.stderr);
    for (const { name, type, labels, value } of JSON.parse(reader.stdout)) {
      const key = keyOf(name, labels);
      if (this.values.has(key)) throw new Error(`${key} is there twice`);
      this.values.set(key, value);
      this.types.set(key, type);
    }
  }

  /** NaN where it is not there. */
  value(name: string, labels: Record<string, string> = {}): number {
    return this.values.get(keyOf(name, labels)) ?? NaN;
  }

  /** Of the metrics with this name, by their only label. */
  labelled(name: string): Record<string, number> {
    const of = [...this.values].filter(([key]) => key.startsWith(`${name}{`));
    return Object.fromEntries(of.map(([key, value]) => [/="(.*)"}$/.exec(key)![1]!, value]));
  }

  get counters(): [key: string, value: number][] {
    return [...this.values].filter(([key]) => this.types.get(key) === 'counter');
  }
}

function keyOf(name: string, labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return pairs.length === 0 ? name : `${name}{${pairs.join()}}`;
}

/** Counters of the first scrape that are lower, or gone, in the second. */
export function fallen(before: Scrape, after: Scrape): string[] {
  const later = new Map(after.counters);
  return before.counters.filter(([key, value]) => !(later.get(key)! >= value)).map(([key]) => key);
}
