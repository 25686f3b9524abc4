import { emptyRunCounters } from '../acquisition/run-counters.js';
import { type RunTotals, settledCounters, type SummedCounter } from '../metrics/index.js';
import type { EndMessage, RunCounters } from '../protocol/stream.js';
import type { Series, ShadowTally } from './series.js';

type Counters = RunTotals['counters'];

const names = Object.keys(emptyRunCounters()).filter((name) => name !== 'poolHighWater') as SummedCounter[];
const settled: ReadonlySet<string> = new Set(settledCounters);

/** Adds up what series counted: their own counters begin again at 0, these only ever grow. */
export class RunTally {
  private readonly counters = Object.fromEntries(names.map((name) => [name, 0])) as Counters;
  private readonly shadow: ShadowTally = { frames: 0, pixels: 0, mismatchedPixels: 0 };
  private readonly runs: Record<EndMessage['reason'], number> = {
    stopped: 0,
    completed: 0,
    aborted: 0,
    linkLost: 0,
    error: 0,
  };
  private readonly camera = { connects: 0, losses: 0 };

  cameraConnected(): void {
    this.camera.connects++;
  }

  cameraLost(): void {
    this.camera.losses++;
  }

  /** Its counters are final. */
  seriesEnded(series: Pick<Series, 'counters' | 'shadow'>, reason: EndMessage['reason']): void {
    this.runs[reason]++;
    for (const name of names) this.counters[name] += series.counters[name] ?? 0;
    addShadow(this.shadow, series.shadow);
  }

  /** `current` is the series that is armed or under way, if any. */
  totals(current: Pick<Series, 'counters' | 'shadow'> | null, delivered: RunTotals['delivered']): RunTotals {
    const { runs, camera, counters } = this;
    const shadow = { ...this.shadow };
    addShadow(shadow, current?.shadow ?? null);
    return {
      counters: withCurrent(counters, current?.counters ?? null),
      runs: { ...runs },
      delivered: { ...delivered },
      shadow,
      camera: { ...camera },
    };
  }
}

function withCurrent(ended: Counters, current: RunCounters | null): Counters {
  const sum = { ...ended };
  for (const name of names) if (!settled.has(name)) sum[name] += current?.[name] ?? 0;
  return sum;
}

function addShadow(sum: ShadowTally, more: ShadowTally | null): void {
  if (!more) return;
  sum.frames += more.frames;
  sum.pixels += more.pixels;
  sum.mismatchedPixels += more.mismatchedPixels;
}
