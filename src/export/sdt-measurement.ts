import path from 'node:path';
import { readSdt, type SdtRecording } from '../recording/sdt.js';
import {
  describeMap,
  type ExportedFrame,
  type MeasurementAbout,
  type OpenMeasurement,
} from './measurement.js';

/**
 * An image of a Becker & Hickl SDT file: one frame of histograms and their sums, without lifetimes.
 * @throws FlimdError FLIMD_E_RECORDING
 */
export async function openSdt(file: string, channel: number): Promise<OpenMeasurement> {
  const recording = await readSdt(file, { channel });
  const { width, height, bins, counts } = recording;
  const frame: ExportedFrame = {
    number: 0,
    startS: 0,
    exposureS: recording.collectionTimeS,
    unixTimeMs: null,
    complete: true,
    rowsValid: new Uint8Array(height).fill(1),
  };
  const photons = new Uint32Array(width * height).map((_, pixel) => sum(counts, pixel * bins, bins));
  return {
    about: aboutOf(file, recording, channel),
    maps: [describeMap('photons', 'photons of the pixel in all bins')],
    histogramBits: 16,
    frames: [frame],
    warnings: [],
    map: () => photons,
    histograms: () => counts,
    close: () => {},
  };
}

function aboutOf(file: string, recording: SdtRecording, channel: number): MeasurementAbout {
  const { width, height, bins, binWidthPs } = recording;
  return {
    ...{ file: path.basename(file), width, height, bins, binWidthPs },
    laserPeriodPs: null,
    notes: {
      instrument: recording.instrument,
      title: recording.title,
      'recorded at': recording.recordedAt,
      'collection time': `${recording.collectionTimeS} s`,
      channel: `${channel} of 0 to ${recording.channels - 1}`,
      'usable bins': `${recording.firstUsableBin} to ${recording.endUsableBin - 1}`,
      'counts per photon in the file': `${recording.countIncrement}, divided out`,
    },
  };
}

function sum(counts: Uint16Array, from: number, length: number): number {
  let total = 0;
  for (let at = from; at < from + length; at++) total += counts[at]!;
  return total;
}
