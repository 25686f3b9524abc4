/** Payloads of the small packets (docs/protocol.md), all little-endian; null where the length is wrong. */

export interface EndOfFrame {
  startTicks: number;
  endTicks: number;
  /** Frames the device dropped so far. */
  framesDropped: number;
}

export interface EndOfSeries {
  /** Packets of the series, with this one; counts modulo 2^32. */
  packets: number;
  framesSent: number;
  framesDropped: number;
}

const END_OF_FRAME_BYTES = 24;
const END_OF_SERIES_BYTES = 12;
const TWO_32 = 0x1_0000_0000;

export function endOfFrameFrom(payload: Uint8Array): EndOfFrame | null {
  if (payload.length !== END_OF_FRAME_BYTES) return null;
  const view = viewOf(payload);
  return {
    startTicks: ticksAt(view, 0),
    endTicks: ticksAt(view, 8),
    framesDropped: view.getUint32(20, true),
  };
}

export function endOfSeriesFrom(payload: Uint8Array): EndOfSeries | null {
  if (payload.length !== END_OF_SERIES_BYTES) return null;
  const view = viewOf(payload);
  return {
    packets: view.getUint32(0, true),
    framesSent: view.getUint32(4, true),
    framesDropped: view.getUint32(8, true),
  };
}

export function wordsFrom(payload: Uint8Array): Uint32Array | null {
  if (payload.length % 4 !== 0) return null;
  const view = viewOf(payload);
  return Uint32Array.from({ length: payload.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function ticksAt(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * TWO_32;
}
