import { nominalResponse, type SensorResponse, type SensorState } from './sensor-response.js';
import { createFramePlanes, type FramePlanes } from './frame-planes.js';

/** Photons of the rows rendered since the frame began. */
export interface PhotonTally {
  total: number;
  /** Of the brightest pixel. */
  peak: number;
}

export function addPixel(tally: PhotonTally, photons: number): void {
  tally.total += photons;
  if (photons > tally.peak) tally.peak = photons;
}

/**
 * Where photons come from: the built-in scene or a recording. Equal frame numbers under an equal response of the sensor
 * give equal photons.
 */
export interface PhotonSource {
  readonly width: number;
  readonly height: number;
  readonly bins: number;
  readonly binWidthPs: number;
  readonly laserPeriodPs: number;
  /** @param response nominal unless given */
  begin(frame: number, response?: SensorResponse): void;
  /** Writes the counts of these rows into the histograms `[y][x][bin]` of the whole frame. */
  expose(firstRow: number, rowCount: number, histograms: Uint16Array, tally: PhotonTally): void;
}

/** The network in the device's “FPGA”. */
export interface LifetimeCore {
  /** First 8 bytes of the model hash. */
  readonly modelHash: Uint8Array;
  /** The model's own limit. */
  readonly minPhotons: number;
  /** Fills the lifetime planes of these rows from their histograms. */
  compute(planes: FramePlanes, firstRow: number, rowCount: number, minPhotons: number): void;
}

interface Rendered {
  planes: FramePlanes;
  tally: PhotonTally;
  /** Frame number whose rows below `rows` stand in the planes; −1 for none. */
  frame: number;
  rows: number;
  minPhotons: number | null;
  response: SensorResponse;
}

/**
 * Renders frames row by row, as a rolling read-out does. With `cacheFrames` = N the content repeats after N
 * frames and is made only once.
 */
export class FrameRenderer {
  private readonly slots: Rendered[];
  private current: Rendered;

  constructor(
    readonly source: PhotonSource,
    readonly core: LifetimeCore | null,
    private readonly cacheFrames: number,
    private readonly sensor: SensorState = () => nominalResponse,
  ) {
    this.slots = Array.from({ length: Math.max(1, cacheFrames) }, () => this.emptySlot());
    this.current = this.slots[0]!;
  }

  get planes(): FramePlanes {
    return this.current.planes;
  }

  get tally(): Readonly<PhotonTally> {
    return this.current.tally;
  }

  /** `minPhotons` null: no lifetimes are wanted of this frame. */
  begin(frame: number, minPhotons: number | null): void {
    const content = this.cacheFrames > 0 ? frame % this.cacheFrames : frame;
    this.current = this.slots[content % this.slots.length]!;
    const { current } = this;
    const response = this.sensor();
    const same =
      current.frame === content && current.minPhotons === minPhotons && current.response === response;
    if (this.cacheFrames > 0 && same) return;
    Object.assign(current, { frame: content, rows: 0, minPhotons, response });
    Object.assign(current.tally, { total: 0, peak: 0 });
    this.source.begin(content, response);
  }

  /** Makes the rows ready in `planes`; rows are asked for in ascending order. */
  rows(firstRow: number, rowCount: number): void {
    const { current } = this;
    if (firstRow + rowCount <= current.rows) return;
    this.source.expose(firstRow, rowCount, current.planes.histograms, current.tally);
    if (current.minPhotons !== null) {
      this.core?.compute(current.planes, firstRow, rowCount, current.minPhotons);
    }
    current.rows = firstRow + rowCount;
  }

  private emptySlot(): Rendered {
    const { width, height, bins } = this.source;
    return {
      planes: createFramePlanes(width, height, bins, this.core !== null),
      tally: { total: 0, peak: 0 },
      frame: -1,
      rows: 0,
      minPhotons: null,
      response: nominalResponse,
    };
  }
}
