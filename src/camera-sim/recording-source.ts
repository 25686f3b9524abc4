import { isHdf5, RecordingReader } from '../recording/recording-reader.js';
import { readSdt, type SdtRecording } from '../recording/sdt.js';
import { FlimdError } from '../protocol/index.js';
import { addPixel, type PhotonSource, type PhotonTally } from './frame-renderer.js';
import type { SimOptions } from './options.js';
import { ThinnedRecording } from './thinned-recording.js';

/** The frames that the options ask of a recording: whole, or thinned to some photons. */
export async function createRecordingSource(options: SimOptions): Promise<PhotonSource> {
  if (await isHdf5(options.file!)) return ReplayedSeries.open(options);
  const recording = await readSdt(options.file!);
  const laserPeriodPs = laserPeriodOf(recording, options);
  if (options.photons === null) return new WholeRecording(recording, laserPeriodPs);
  return new ThinnedRecording(
    recording,
    laserPeriodPs,
    options.photons,
    options.seed,
    photonsPerPixel(recording),
  );
}

/**
 * A recording does not hold its laser period, and its window is something else: with a wrong period every
 * lifetime would be wrong without a sign of it. So it must be said.
 */
function laserPeriodOf(recording: SdtRecording, { laserPeriodPs, file }: SimOptions): number {
  const { windowPs, syncRateHz } = recording;
  const counted =
    syncRateHz === null ? '' : `; the file says that ${syncRateHz} pulses per second were counted`;
  if (laserPeriodPs === null) {
    throw new FlimdError('FLIMD_E_CONFIG', `virtual camera: ${file} does not hold its laser period`, {
      expected: `laserPeriodPs, the time between the laser pulses of the recording${counted}`,
      action: `add &laserPeriodPs=… (80 MHz: 12500, 76 MHz: 13157.895, 40 MHz: 25000); the window, ${windowPs} ps, is not it`,
    });
  }
  if (laserPeriodPs >= windowPs * 0.999) return laserPeriodPs;
  throw new FlimdError(
    'FLIMD_E_CONFIG',
    'virtual camera: the laser period is shorter than the recorded window',
    {
      value: laserPeriodPs,
      expected: `at least ${windowPs} ps`,
      action: 'correct laserPeriodPs',
    },
  );
}

/** The frames of a recording that flimd wrote with histograms, one after the other and then from the first again. */
class ReplayedSeries implements PhotonSource {
  readonly width: number;
  readonly height: number;
  readonly bins: number;
  readonly binWidthPs: number;
  readonly laserPeriodPs: number;
  private histograms: Uint16Array = new Uint16Array(0);

  private constructor(
    private readonly recording: RecordingReader,
    laserPeriodPs: number | null,
  ) {
    const { camera } = recording.header;
    ({ width: this.width, height: this.height, bins: this.bins, binWidthPs: this.binWidthPs } = camera);
    this.laserPeriodPs = laserPeriodPs ?? camera.laserPeriodPs;
  }

  static async open({ file, photons, laserPeriodPs }: SimOptions): Promise<ReplayedSeries> {
    const recording = await RecordingReader.open(file!);
    const { header, frames } = recording;
    if (header.histograms && frames > 0 && photons === null) {
      return new ReplayedSeries(recording, laserPeriodPs);
    }
    recording.close();
    if (photons === null) throw nothingToReplay(file!, frames);
    throw new FlimdError(
      'FLIMD_E_CONFIG',
      'virtual camera: the frames of a recorded series cannot be thinned',
      {
        value: `photons=${photons}`,
        action: 'leave photons out',
      },
    );
  }

  begin(frame: number): void {
    this.histograms = this.recording.histograms(frame % this.recording.frames);
  }

  expose(firstRow: number, rowCount: number, histograms: Uint16Array, tally: PhotonTally): void {
    const { width, bins } = this;
    const from = firstRow * width * bins;
    const rows = this.histograms.subarray(from, from + rowCount * width * bins);
    histograms.set(rows, from);
    for (let at = 0; at < rows.length; at += bins) {
      let photons = 0;
      for (let bin = at; bin < at + bins; bin++) photons += rows[bin]!;
      addPixel(tally, photons);
    }
  }
}

function nothingToReplay(file: string, frames: number): FlimdError {
  return new FlimdError('FLIMD_E_RECORDING', `${file} holds no histograms to replay`, {
    value: `${frames} frames`,
    expected: 'a recording with histograms',
    action: 'record with histograms: flimd record --histograms, or recording.histograms',
  });
}

/** Every frame is the whole recording. */
class WholeRecording implements PhotonSource {
  readonly width: number;
  readonly height: number;
  readonly bins: number;
  readonly binWidthPs: number;
  private readonly photons: Uint32Array;

  constructor(
    private readonly recording: SdtRecording,
    readonly laserPeriodPs: number,
  ) {
    ({ width: this.width, height: this.height, bins: this.bins, binWidthPs: this.binWidthPs } = recording);
    this.photons = photonsPerPixel(recording);
  }

  begin(): void {}

  expose(firstRow: number, rowCount: number, histograms: Uint16Array, tally: PhotonTally): void {
    const perRow = this.width * this.bins;
    const rows = this.recording.counts.subarray(firstRow * perRow, (firstRow + rowCount) * perRow);
    histograms.set(rows, firstRow * perRow);
    for (let pixel = firstRow * this.width; pixel < (firstRow + rowCount) * this.width; pixel++) {
      addPixel(tally, this.photons[pixel]!);
    }
  }
}

function photonsPerPixel({ counts, width, height, bins }: SdtRecording): Uint32Array {
  const photons = new Uint32Array(width * height);
  for (let pixel = 0; pixel < photons.length; pixel++) {
    for (let bin = 0; bin < bins; bin++) photons[pixel]! += counts[pixel * bins + bin]!;
  }
  return photons;
}
