import { addPixel, type PhotonSource, type PhotonTally } from '../frame-renderer.js';
import { ALIAS_BITS, buildAliasTable, type AliasTable } from '../photons/alias-table.js';
import { binProbabilities, type DecayTiming, TAU_COUNT, tauOfIndex } from '../photons/decay-model.js';
import { poisson } from '../photons/poisson.js';
import { Random } from '../random.js';
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

/** A decay as the detector sees it: which bin a photon falls into, and the share that falls into any. */
interface Decay {
  table: AliasTable;
  inWindow: number;
}

/** Photons of the built-in scene: Poisson numbers for every lifetime of a pixel, then a random bin for each photon. */
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
  private frame = 0;

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
    this.uniform = {
      table: buildAliasTable(new Float64Array(timing.bins).fill(1)),
      inWindow: (timing.bins * timing.binWidthPs) / timing.laserPeriodPs,
    };
  }

  begin(frame: number): void {
    this.frame = frame;
    this.scene.begin(frame * this.light.framePeriodS);
  }

  expose(firstRow: number, rowCount: number, histograms: Uint16Array, tally: PhotonTally): void {
    const perRow = this.width * this.bins;
    histograms.fill(0, firstRow * perRow, (firstRow + rowCount) * perRow);
    for (let y = firstRow; y < firstRow + rowCount; y++) {
      // Every row has numbers of its own: the content does not depend on how rows are grouped into packets.
      this.random.reseed(this.light.seed, this.frame, y);
      this.scene.row(y, this.row);
      this.exposeRow(y, histograms, tally);
    }
  }

  private exposeRow(y: number, histograms: Uint16Array, tally: PhotonTally): void {
    const { row, random, light, bins } = this;
    const darkCounts = light.darkCounts * this.uniform.inWindow;
    for (let x = 0; x < this.width; x++) {
      const mean = light.photons * row.brightness[x]!;
      const signal = mean * (1 - light.background);
      const short = this.decay(row.shortTau[x]!);
      const long = this.decay(row.longTau[x]!);
      const shortMean = signal * row.shortShare[x]!;
      const shortPhotons = poisson(shortMean * short.inWindow, random);
      const longPhotons = poisson((signal - shortMean) * long.inWindow, random);
      const background = mean * light.background * this.uniform.inWindow;
      const uniformPhotons = poisson(background + darkCounts, random);
      const at = (y * this.width + x) * bins;
      scatter(short.table, shortPhotons, random.state, histograms, at);
      scatter(long.table, longPhotons, random.state, histograms, at);
      scatter(this.uniform.table, uniformPhotons, random.state, histograms, at);
      addPixel(tally, shortPhotons + longPhotons + uniformPhotons);
    }
  }

  private decay(tauIndex: number): Decay {
    return (this.decays[tauIndex] ??= this.makeDecay(tauIndex));
  }

  private makeDecay(tauIndex: number): Decay {
    const probabilities = binProbabilities(tauOfIndex(tauIndex), this.light.timing);
    const inWindow = probabilities.reduce((sum, probability) => sum + probability, 0);
    return { table: buildAliasTable(probabilities), inWindow };
  }
}

const ALIAS_MASK = 2 ** ALIAS_BITS - 1;

/**
 * Puts photons into random bins. The generator of `Random.next` is written out here: its four words stay in
 * local variables over the loop, which is where a frame's time goes.
 */
function scatter(
  table: AliasTable,
  photons: number,
  state: Int32Array,
  histograms: Uint16Array,
  at: number,
): void {
  const { columns, columnBits } = table;
  const columnShift = 32 - columnBits;
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  for (let photon = 0; photon < photons; photon++) {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    const column = t >>> columnShift;
    const entry = columns[column]!;
    // All ones where the alias is wanted. A branch here would be guessed wrong half of the time.
    const other = ((entry >>> ALIAS_BITS) - 1 - ((t << columnBits) >>> ALIAS_BITS)) >> 31;
    histograms[at + (column ^ ((column ^ (entry & ALIAS_MASK)) & other))]!++;
  }
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}
