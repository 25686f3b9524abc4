import { addPixel, type PhotonSource, type PhotonTally } from '../frame-renderer.js';
import { nominalResponse } from '../sensor-response.js';
import { type AliasTable, buildAliasTable, scatterPhotons } from '../photons/alias-table.js';
import { binProbabilities, type DecayTiming, TAU_COUNT, tauOfIndex } from '../photons/decay-model.js';
import { poisson } from '../../random/poisson.js';
import { poissonBins } from '../photons/poisson-table.js';
import { Random } from '../../random/random.js';
import { type CellScene, createSceneRow, type SceneRow } from './cell-scene.js';

export interface SceneLight {
  seed: number;
  timing: DecayTiming;
  /** Mean photons per frame of a pixel of brightness 1, background included. */
  photons: number;
  /** Share of those that comes at any time. */
  background: number;
  /** Mean dark counts per pixel and frame. */
  darkCounts: number;
  /** Scene time between frame numbers. */
  framePeriodS: number;
}

/** A decay as the detector sees it. */
interface Decay {
  /** Of every bin. */
  probabilities: Float64Array;
  /** Their sum: the share of the photons that falls into the window. */
  inWindow: number;
  table: AliasTable;
}

/**
 * A pixel of more photons per bin than this is drawn bin by bin, at a cost that does not depend on the photons;
 * a dimmer one photon by photon. Both are exact.
 */
const BIN_BY_BIN_FROM = 2;
/** Photons placed at a time. */
const BATCH = 4096;

/** Photons of the built-in scene: Poisson numbers in every bin of every pixel. */
export class SceneSource implements PhotonSource {
  readonly width: number;
  readonly height: number;
  readonly bins: number;
  readonly binWidthPs: number;
  readonly laserPeriodPs: number;
  private readonly decays: (Decay | undefined)[] = new Array<Decay | undefined>(TAU_COUNT);
  private readonly uniform: Decay;
  private readonly row: SceneRow;
  private readonly random = new Random();
  private readonly words: Int32Array;
  private readonly means: Float64Array;
  private frame = 0;
  private response = nominalResponse;

  constructor(
    private readonly scene: CellScene,
    private readonly light: SceneLight,
  ) {
    const { timing } = light;
    this.width = scene.width;
    this.height = scene.height;
    this.bins = timing.bins;
    this.binWidthPs = timing.binWidthPs;
    this.laserPeriodPs = timing.laserPeriodPs;
    this.row = createSceneRow(scene.width);
    this.words = new Int32Array(Math.max(BATCH, 2 * timing.bins));
    this.means = new Float64Array(timing.bins);
    const anyTime = timing.binWidthPs / timing.laserPeriodPs;
    this.uniform = describeDecay(new Float64Array(timing.bins).fill(anyTime));
  }

  begin(frame: number, response = nominalResponse): void {
    this.frame = frame;
    this.response = response;
    this.scene.begin(frame * this.light.framePeriodS);
  }

  expose(firstRow: number, rowCount: number, histograms: Uint16Array, tally: PhotonTally): void {
    const perRow = this.width * this.bins;
    histograms.fill(0, firstRow * perRow, (firstRow + rowCount) * perRow);
    for (let y = firstRow; y < firstRow + rowCount; y++) {
      // Every row has numbers of its own: the content does not depend on how rows are grouped into packets.
      this.random.reseed(this.light.seed, this.frame, y);
      this.scene.row(y, this.row);
      for (let x = 0; x < this.width; x++) {
        addPixel(tally, this.exposePixel(x, histograms, (y * this.width + x) * this.bins));
      }
    }
  }

  /** Photons of a pixel into its bins from `at` on; returns how many. */
  private exposePixel(x: number, histograms: Uint16Array, at: number): number {
    const { row, light, uniform } = this;
    const { detection, dark } = this.response;
    const photons = light.photons * row.brightness[x]! * detection;
    const signal = photons * (1 - light.background);
    const short = this.decay(row.shortTau[x]!);
    const long = this.decay(row.longTau[x]!);
    const shortSignal = signal * row.shortShare[x]!;
    const longSignal = signal - shortSignal;
    const anyTime = photons * light.background + light.darkCounts * dark;
    if (photons > BIN_BY_BIN_FROM * this.bins) {
      return this.drawBins(shortSignal, short, longSignal, long, anyTime, histograms, at);
    }
    return (
      this.drawPhotons(shortSignal, short, histograms, at) +
      this.drawPhotons(longSignal, long, histograms, at) +
      this.drawPhotons(anyTime, uniform, histograms, at)
    );
  }

  private drawBins(
    shortSignal: number,
    short: Decay,
    longSignal: number,
    long: Decay,
    anyTime: number,
    histograms: Uint16Array,
    at: number,
  ): number {
    const { means, bins } = this;
    const anyTimePerBin = anyTime * this.uniform.probabilities[0]!;
    const shortShape = short.probabilities;
    const longShape = long.probabilities;
    for (let bin = 0; bin < bins; bin++) {
      means[bin] = shortSignal * shortShape[bin]! + longSignal * longShape[bin]! + anyTimePerBin;
    }
    return poissonBins(means, bins, this.random, this.words, histograms, at);
  }

  private drawPhotons(mean: number, decay: Decay, histograms: Uint16Array, at: number): number {
    const photons = poisson(mean * decay.inWindow, this.random);
    for (let left = photons; left > 0; left -= BATCH) {
      const batch = Math.min(left, BATCH);
      this.random.fill(this.words, batch);
      scatterPhotons(decay.table, this.words, batch, histograms, at);
    }
    return photons;
  }

  private decay(tauIndex: number): Decay {
    return (this.decays[tauIndex] ??= describeDecay(
      binProbabilities(tauOfIndex(tauIndex), this.light.timing),
    ));
  }
}

function describeDecay(probabilities: Float64Array): Decay {
  return {
    probabilities,
    inWindow: probabilities.reduce((sum, probability) => sum + probability, 0),
    table: buildAliasTable(probabilities),
  };
}
