import { randomUUID } from 'node:crypto';
import { emptyRunCounters } from '../acquisition/run-counters.js';
import type { RunCounters, StartMessage, StreamPlaneDescription } from '../protocol/stream.js';

/** Comparison of device and host lifetimes over a series (shadow mode). */
export interface ShadowTally {
  frames: number;
  pixels: number;
  mismatchedPixels: number;
}

export interface SeriesFacts extends Omit<
  StartMessage,
  'type' | 'protocol' | 'series' | 'uid' | 'startedAt' | 'planes'
> {
  /** Every plane of the frames; a client may ask for fewer. */
  planes: StreamPlaneDescription[];
}

/** One run of the camera, from arm to end: its identity, what clients are told at its start, its counters. */
export class Series {
  readonly uid = randomUUID();
  readonly startedAt = Date.now();
  counters: RunCounters = emptyRunCounters();
  readonly shadow: ShadowTally | null;

  constructor(
    readonly id: number,
    readonly facts: SeriesFacts,
  ) {
    this.shadow = facts.mode === 'shadow' ? { frames: 0, pixels: 0, mismatchedPixels: 0 } : null;
  }

  /** One more frame was computed twice. */
  compared(pixels: number, mismatchedPixels: number): void {
    if (!this.shadow) return;
    this.shadow.frames++;
    this.shadow.pixels += pixels;
    this.shadow.mismatchedPixels += mismatchedPixels;
  }

  /** Of the network that computes the lifetimes; null where it is not known. */
  get modelHash(): string | null {
    const { source, model, camera } = this.facts;
    return source === 'host' ? (model?.hash ?? null) : camera.modelHash;
  }

  get startMessage(): StartMessage {
    const { id, uid, startedAt, facts } = this;
    return { type: 'start', protocol: 'flimd.v1', series: id, uid, startedAt, ...facts };
  }
}

const U32 = 0x1_0000_0000;

/**
 * Series numbers that grow over restarts of the daemon, so that a packet left over from an earlier series is known
 * as such: seconds since 1970, or the next number where series are shorter than that. Never 0.
 */
export class SeriesNumbers {
  private last = 0;

  constructor(private readonly clock: () => number = Date.now) {}

  next(): number {
    const now = Math.floor(this.clock() / 1000) % U32;
    this.last = Math.max(now, this.last + 1) % U32 || 1;
    return this.last;
  }
}
