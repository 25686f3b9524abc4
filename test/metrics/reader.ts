import path from 'node:path';
import { lacksPython, tellPython } from '../support/python.js';

export const lacksReader = lacksPython('metrics read by a parser of another make', ['prometheus_client']);

/** A scrape as a parser of another make has read it. */
export class Scrape {
  private readonly values = new Map<string, number>();
  private readonly types = new Map<string, string>();

  constructor(text: string) {
    const script = path.join(import.meta.dirname, 'read_metrics.py');
    for (const { name, type, labels, value } of tellPython(script, text)) {
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
