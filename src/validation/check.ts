import type { CameraUnderTest } from './camera-under-test.js';
import type { PixelDifference } from './lifetime-judge.js';

export type Verdict = 'passed' | 'failed' | 'skipped';
/** By name, with the unit in the name. */
export type Figures = Record<string, number | string | null | readonly string[]>;

/** One thing that is not as it should be. */
export interface Finding {
  text: string;
  /** Where an image differs: the first pixel that does. */
  pixel?: PixelDifference;
}

/** What a check has to say: that it cannot be made here, or what it saw. */
export type Outcome = { skipped: string } | Observation;

export interface Observation {
  /** What was seen, in words. */
  summary: string;
  figures: Figures;
  /** None: the check is passed. */
  findings: Finding[];
}

/** One reason to trust a camera, or not to. */
export interface Check {
  readonly name: string;
  /** What it looks at, for a person who waits. */
  readonly about: string;
  /** The camera is idle when it begins, and is brought to idle afterwards whatever happens. */
  run(subject: CameraUnderTest): Promise<Outcome>;
}

export interface CheckResult {
  name: string;
  verdict: Verdict;
  /** Why it failed or was skipped; null where it passed. */
  why: string | null;
  summary: string | null;
  figures: Figures;
  findings: Finding[];
  seconds: number;
}

export const finding = (text: string): Finding => ({ text });

export const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
