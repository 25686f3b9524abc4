import type { FrameSlot } from '../acquisition/acquisition.js';
import { Random } from '../random/random.js';
import type { CameraUnderTest } from './camera-under-test.js';
import { type Finding, plural } from './check.js';
import { differenceInWords, type PixelDifference } from './lifetime-judge.js';

/** What frames are told apart by in a report. */
export interface FrameOrigin {
  /** Number in its series. */
  frame: number;
  kind: string;
}

/** Pixels of every frame that the reference computes too. */
const SAMPLE = 16;

/** Compares frames pixel by pixel, and keeps the first difference of every kind of frame. */
export class FrameComparison {
  /** Frames whose lifetimes were compared; of these the pixels, those with a valid lifetime, and those that differ. */
  frames = 0;
  pixels = 0;
  valid = 0;
  differing = 0;
  referencePixels = 0;
  /** The same of histograms that came back. */
  histograms = 0;
  histogramsDiffering = 0;
  readonly findings: Finding[] = [];
  readonly #random: Random;
  readonly #told = new Set<string>();

  constructor(private readonly subject: CameraUnderTest) {
    this.#random = new Random(subject.options.seed, 1);
  }

  /** The lifetimes that the camera made of these histograms. Needs a judge. */
  async compareLifetimes(
    histograms: Uint16Array,
    slot: FrameSlot,
    minPhotons: number,
    origin: FrameOrigin,
  ): Promise<void> {
    const { judge } = this.subject;
    const sample = Array.from({ length: SAMPLE }, () => this.#random.below(slot.device.photons.length));
    const { pixels, valid, differing, first, hostDiffers } = await judge!.judge({
      ...{ histograms, device: slot.device, rowsValid: slot.rowsValid, minPhotons, sample },
      standardErrors: this.subject.offers('standardErrors'),
    });
    this.frames++;
    this.pixels += pixels;
    this.valid += valid;
    this.differing += differing;
    this.referencePixels += sample.length;
    if (first) this.#tell('lifetimes', origin, `${plural(differing, 'pixel')} with other lifetimes`, first);
    if (hostDiffers) {
      const defect = 'a defect of the host: its kernel and its reference differ';
      this.#tell('host', origin, defect, hostDiffers);
    }
  }

  /** Histograms that came back, beside those that were sent. */
  compareHistograms(sent: Uint16Array, slot: FrameSlot, origin: FrameOrigin): void {
    const { width, bins } = this.subject.description;
    let differing = 0;
    let first = -1;
    for (let pixel = 0; pixel < slot.rowsValid.length * width; pixel++) {
      if (slot.rowsValid[Math.floor(pixel / width)] !== 1) continue;
      if (sameCounts(sent, slot.histograms, pixel * bins, (pixel + 1) * bins)) continue;
      differing++;
      if (first < 0) first = pixel;
    }
    this.histograms++;
    this.histogramsDiffering += differing;
    if (first < 0) return;
    const countsIn = (counts: Uint16Array): number[] => [
      ...counts.subarray(first * bins, (first + 1) * bins),
    ];
    this.#tell('histograms', origin, `${plural(differing, 'pixel')} whose histogram came back otherwise`, {
      ...{ x: first % width, y: Math.floor(first / width) },
      ...{ histogram: countsIn(sent), cameraHistogram: countsIn(slot.histograms) },
    });
  }

  /** How many pixels differ, and of how many that can be said. */
  get inWords(): string {
    return `${this.differing} of ${this.pixels} pixels differ from the host's, ${this.valid} have a valid lifetime`;
  }

  /** Once for every kind of frame. */
  #tell(about: string, { frame, kind }: FrameOrigin, text: string, pixel: PixelDifference): void {
    const key = `${about} ${kind}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.findings.push({
      text: `${kind}, frame ${frame}: ${text}, the first is ${differenceInWords(pixel)}`,
      pixel: { frame, kind, ...pixel },
    });
  }
}

function sameCounts(a: Uint16Array, b: Uint16Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (a[i] !== b[i]) return false;
  return true;
}
