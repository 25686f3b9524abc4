export interface FrameGeometry {
  width: number;
  height: number;
  bins: number;
  /** Whether the slots hold decay histograms; they are by far the largest plane. */
  histograms: boolean;
}

/** Lifetimes of one frame, row-major. */
export interface LifetimePlanes {
  /** Amplitude-weighted mean lifetime, ps; 0 = no valid estimate. */
  lifetimeAmplitude: Uint16Array;
  /** Intensity-weighted mean lifetime, ps; 0 = no valid estimate. */
  lifetimeIntensity: Uint16Array;
  /** Standard errors of the two, ps; 0 = no valid estimate. */
  standardErrorAmplitude: Uint16Array;
  standardErrorIntensity: Uint16Array;
  photons: Uint32Array;
}

/** The planes of one frame buffer. In rows that are not valid, `device` and `histograms` are 0. */
export interface FrameSlot {
  /** Written by the assembler from lifetimes packets; a camera may have no standard errors to send. */
  device: LifetimePlanes;
  /** Room for the host's own lifetimes; the assembler leaves it alone. */
  host: LifetimePlanes;
  /** Photon counts `[y][x][bin]`; empty where the pool holds none. */
  histograms: Uint16Array;
  /** One byte a row, 1 = everything expected of the row arrived. */
  rowsValid: Uint8Array;
}

/** Planes begin at cache lines, which also suits the SIMD kernels. */
const PLANE_ALIGNMENT = 64;

interface SlotLayout {
  deviceAt: number;
  hostAt: number;
  histogramsAt: number;
  rowsValidAt: number;
  bytes: number;
}

const aligned = (bytes: number): number => Math.ceil(bytes / PLANE_ALIGNMENT) * PLANE_ALIGNMENT;
const lifetimePlaneBytes = (pixels: number): number => 4 * aligned(2 * pixels) + aligned(4 * pixels);

function layoutOf({ width, height, bins, histograms }: FrameGeometry): SlotLayout {
  const pixels = width * height;
  const hostAt = lifetimePlaneBytes(pixels);
  const histogramsAt = hostAt + lifetimePlaneBytes(pixels);
  const rowsValidAt = histogramsAt + (histograms ? aligned(2 * pixels * bins) : 0);
  return { deviceAt: 0, hostAt, histogramsAt, rowsValidAt, bytes: rowsValidAt + aligned(height) };
}

export const slotBytes = (geometry: FrameGeometry): number => layoutOf(geometry).bytes;

/** The planes in `memory`, which holds `slotBytes(geometry)` bytes. */
export function slotViews(memory: SharedArrayBuffer, geometry: FrameGeometry): FrameSlot {
  const { width, height, bins, histograms } = geometry;
  const layout = layoutOf(geometry);
  const pixels = width * height;
  return {
    device: lifetimeViews(memory, layout.deviceAt, pixels),
    host: lifetimeViews(memory, layout.hostAt, pixels),
    histograms: new Uint16Array(memory, layout.histogramsAt, histograms ? pixels * bins : 0),
    rowsValid: new Uint8Array(memory, layout.rowsValidAt, height),
  };
}

function lifetimeViews(memory: SharedArrayBuffer, at: number, pixels: number): LifetimePlanes {
  const planeBytes = aligned(2 * pixels);
  const plane = (index: number): Uint16Array => new Uint16Array(memory, at + index * planeBytes, pixels);
  return {
    lifetimeAmplitude: plane(0),
    lifetimeIntensity: plane(1),
    standardErrorAmplitude: plane(2),
    standardErrorIntensity: plane(3),
    photons: new Uint32Array(memory, at + 4 * planeBytes, pixels),
  };
}
