import type {
  FramePoolViews,
  FrameSlot,
  LifetimePlanes,
  PublishedFrame,
} from '../acquisition/acquisition.js';
import type { RecordableFrame } from '../recording/recording-layout.js';
import type { LifetimeSource } from '../lifetime/lifetime-source.js';
import type { DecayOf, OutgoingFrame } from '../stream/index.js';
import type { StreamPlane, StreamPlaneDescription } from '../protocol/stream.js';
import type { Series } from './series.js';

/** Unix time of a device time, ms. */
export type TicksToUnixMs = (ticks: number) => number;

export interface FrameReaders {
  publish(frame: OutgoingFrame, decayOf?: DecayOf): void;
  /** Takes a copy. */
  record(frame: RecordableFrame): void;
  /** For the figures of the run. */
  delivered(photons: Uint32Array, completedAt: number): void;
}

/** Takes one assembled frame to its readers: lifetimes, provenance, message. */
export async function deliverFrame(
  frame: PublishedFrame,
  series: Series,
  pool: FramePoolViews,
  source: LifetimeSource,
  unixMs: TicksToUnixMs,
  readers: FrameReaders,
): Promise<void> {
  const slot = pool.slots[frame.slot]!;
  const { planes, mismatchedPixels } = await source.lifetimesOf(slot, pool.geometry);
  if (mismatchedPixels !== null) series.compared(planes.photons.length, mismatchedPixels);
  const completedAt = unixMs(frame.endTicks);
  readers.delivered(planes.photons, completedAt);
  const message: OutgoingFrame = {
    type: 'frame',
    series: series.id,
    uid: series.uid,
    frame: frame.frame,
    width: pool.geometry.width,
    height: pool.geometry.height,
    source: series.facts.source,
    bitstreamId: series.facts.camera.bitstreamId,
    modelHash: series.modelHash,
    complete: frame.complete,
    rowsValid: frame.complete ? null : slot.rowsValid,
    startTicks: frame.startTicks,
    endTicks: frame.endTicks,
    completedAt,
    mismatchedPixels,
    planes: wirePlanes(planes, series.facts.planes),
  };
  readers.publish(message, frame.hasHistograms ? decaysOf(slot, pool) : undefined);
  readers.record({ ...message, histograms: frame.hasHistograms ? bytesOf(slot.histograms) : null });
}

/** Which plane of a slot is which of the stream. */
const slotPlanes = {
  meanLifetimeAmplitude: 'lifetimeAmplitude',
  meanLifetimeIntensity: 'lifetimeIntensity',
  photons: 'photons',
  standardErrorAmplitude: 'standardErrorAmplitude',
  standardErrorIntensity: 'standardErrorIntensity',
} as const satisfies Record<StreamPlane, keyof LifetimePlanes>;

/** Views: the stream copies what its clients ask for. */
function wirePlanes(
  planes: LifetimePlanes,
  described: readonly StreamPlaneDescription[],
): OutgoingFrame['planes'] {
  return Object.fromEntries(described.map(({ name }) => [name, bytesOf(planes[slotPlanes[name]])]));
}

function bytesOf(plane: Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength);
}

/** What sums the histograms of a frame; null for a region with a row that is missing. */
export function decaysOf(
  { histograms, rowsValid }: Pick<FrameSlot, 'histograms' | 'rowsValid'>,
  { geometry }: Pick<FramePoolViews, 'geometry'>,
): DecayOf {
  const { width, bins } = geometry;
  return (region) => {
    const counts = new Uint32Array(bins);
    for (let y = region.y; y < region.y + region.height; y++) {
      if (!rowsValid[y]) return null;
      const from = (y * width + region.x) * bins;
      const end = from + region.width * bins;
      for (let at = from; at < end; at += bins) {
        for (let bin = 0; bin < bins; bin++) counts[bin]! += histograms[at + bin]!;
      }
    }
    return counts;
  };
}
