import { Random } from '../random/random.js';
import { addPixel, type PhotonSource, type PhotonTally } from './frame-renderer.js';
import { nominalResponse, type SensorResponse } from './sensor-response.js';

const RANDOM_STREAM = 0xd133;

/**
 * A recording under a sensor that detects less than the one that recorded it: every photon stays with the probability
 * that the response says. More photons than were recorded there cannot be, and its dark counts are among them.
 */
export class DimmedSource implements PhotonSource {
  readonly width: number;
  readonly height: number;
  readonly bins: number;
  readonly binWidthPs: number;
  readonly laserPeriodPs: number;
  private readonly random = new Random();
  private frame = 0;
  private response = nominalResponse;

  constructor(
    private readonly recorded: PhotonSource,
    private readonly seed: number,
  ) {
    ({
      width: this.width,
      height: this.height,
      bins: this.bins,
      binWidthPs: this.binWidthPs,
      laserPeriodPs: this.laserPeriodPs,
    } = recorded);
  }

  begin(frame: number, response = nominalResponse): void {
    this.frame = frame;
    this.response = response;
    this.recorded.begin(frame);
  }

  expose(firstRow: number, rowCount: number, histograms: Uint16Array, tally: PhotonTally): void {
    const { detection } = this.response satisfies SensorResponse;
    if (detection >= 1) return this.recorded.expose(firstRow, rowCount, histograms, tally);
    this.recorded.expose(firstRow, rowCount, histograms, { total: 0, peak: 0 });
    for (let y = firstRow; y < firstRow + rowCount; y++) {
      this.random.reseed(this.seed ^ RANDOM_STREAM, this.frame, y);
      for (let pixel = y * this.width; pixel < (y + 1) * this.width; pixel++) {
        addPixel(tally, this.dim(histograms, pixel * this.bins, detection));
      }
    }
  }

  /** Photons that are left of a pixel. */
  private dim(histograms: Uint16Array, at: number, detection: number): number {
    let left = 0;
    for (let bin = at; bin < at + this.bins; bin++) {
      let kept = 0;
      for (let photon = histograms[bin]!; photon > 0; photon--) if (this.random.uniform() < detection) kept++;
      histograms[bin] = kept;
      left += kept;
    }
    return left;
  }
}
