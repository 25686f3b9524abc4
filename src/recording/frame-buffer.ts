import { type StreamPlane, streamPlanes } from '../protocol/stream.js';
import type { NumberType } from './hdf5/hdf5-writer.js';
import type { RecordableFrame, RecordingHeader } from './recording-layout.js';

export interface BufferPart {
  name: string;
  at: number;
  bytes: number;
}

/** Where the parts of a frame lie in a buffer of the recorder's queue. */
export interface FrameBufferLayout {
  planes: (BufferPart & { name: StreamPlane; type: NumberType })[];
  /** null where none are recorded. */
  histograms: BufferPart | null;
  rowsValid: BufferPart;
  bytes: number;
}

const typeOfPlane = { u16: '<H', u32: '<I' } as const;
const bytesOfPlane = { u16: 2, u32: 4 } as const;

export function frameBufferLayout({
  camera,
  planes,
  histograms,
}: Pick<RecordingHeader, 'camera' | 'planes' | 'histograms'>): FrameBufferLayout {
  const pixels = camera.width * camera.height;
  let end = 0;
  const next = (bytes: number) => {
    const at = end;
    end += bytes;
    return { at, bytes };
  };
  return {
    planes: streamPlanes
      .filter(({ name }) => planes.includes(name))
      .map(({ name, type }) => ({ name, type: typeOfPlane[type], ...next(pixels * bytesOfPlane[type]) })),
    histograms: histograms ? { name: 'histograms', ...next(pixels * camera.bins * 2) } : null,
    rowsValid: { name: 'rowsValid', ...next(camera.height) },
    bytes: end,
  };
}

/** Copies a frame, whose memory is about to be reused. */
export function fillFrameBuffer(buffer: Uint8Array, layout: FrameBufferLayout, frame: RecordableFrame): void {
  for (const { name, at } of layout.planes) buffer.set(frame.planes[name]!, at);
  if (layout.histograms) {
    const { at, bytes } = layout.histograms;
    // A partial frame may have come without any.
    if (frame.histograms) buffer.set(frame.histograms, at);
    else buffer.fill(0, at, at + bytes);
  }
  const { at, bytes } = layout.rowsValid;
  if (frame.rowsValid) buffer.set(frame.rowsValid, at);
  else buffer.fill(1, at, at + bytes);
}
