import { DeviceError, HISTOGRAM_BEAT_BINS } from '../protocol/index.js';
import { addPixel, type PhotonSource, type PhotonTally } from './frame-renderer.js';

/** As many frames wait in the device as its histogram memory has halves. */
const FRAMES = 2;

/** Frames that the host sends in place of the sensor's. A photon source whose next frame may not be there yet. */
export class HistogramInjector implements PhotonSource {
  /** Room for another frame has come, or a whole frame. */
  onChange: () => void = () => {};
  readonly width: number;
  readonly height: number;
  readonly bins: number;
  readonly binWidthPs: number;
  readonly laserPeriodPs: number;
  private readonly stride: number;
  private readonly frames: Uint16Array[] = [];
  private current: Uint16Array | null = null;
  private filling: Uint8Array | null = null;
  private filled = 0;
  private long = false;

  /** `flag` sets bits of `errorFlags`. */
  constructor(
    like: PhotonSource,
    private readonly flag: (bits: number) => void,
  ) {
    ({
      width: this.width,
      height: this.height,
      bins: this.bins,
      binWidthPs: this.binWidthPs,
      laserPeriodPs: this.laserPeriodPs,
    } = like);
    this.stride = Math.ceil(this.bins / HISTOGRAM_BEAT_BINS) * HISTOGRAM_BEAT_BINS;
  }

  get frameBytes(): number {
    return this.width * this.height * this.stride * 2;
  }

  /** Whether bytes can be taken now. */
  get hasRoom(): boolean {
    return this.filling !== null || this.frames.length < FRAMES;
  }

  get ready(): boolean {
    return this.frames.length > 0;
  }

  /** Bytes of a transfer; `last`: it ends with them. What is missing is 0, what is too much is dropped. */
  take(bytes: Uint8Array, last: boolean): void {
    this.filling ??= new Uint8Array(this.frameBytes);
    const run = Math.min(bytes.length, this.filling.length - this.filled);
    this.filling.set(bytes.subarray(0, run), this.filled);
    this.filled += run;
    if (run < bytes.length) this.long = true;
    if (last) this.finish();
  }

  clear(): void {
    this.frames.length = 0;
    this.filling = null;
    this.filled = 0;
    this.long = false;
    this.onChange();
  }

  begin(): void {
    this.current = this.frames.shift() ?? null;
    this.onChange();
  }

  expose(firstRow: number, rowCount: number, histograms: Uint16Array, tally: PhotonTally): void {
    const { width, bins, stride, current } = this;
    for (let pixel = firstRow * width; pixel < (firstRow + rowCount) * width; pixel++) {
      const counts = current!.subarray(pixel * stride, pixel * stride + bins);
      histograms.set(counts, pixel * bins);
      addPixel(
        tally,
        counts.reduce((sum, count) => sum + count, 0),
      );
    }
  }

  private finish(): void {
    const short = this.filled < this.frameBytes;
    const { injectionShort, injectionLong } = DeviceError;
    if (short || this.long) this.flag((short ? injectionShort : 0) | (this.long ? injectionLong : 0));
    this.frames.push(new Uint16Array(this.filling!.buffer as ArrayBuffer));
    this.filling = null;
    this.filled = 0;
    this.long = false;
    this.onChange();
  }
}
