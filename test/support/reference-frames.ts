import type { FrameSlot } from '../../src/acquisition/frame-slot.js';

const planesOf = ({ device, histograms }: FrameSlot): (Uint16Array | Uint32Array)[] => [
  histograms,
  device.lifetimeAmplitude,
  device.lifetimeIntensity,
  device.photons,
  device.standardErrorAmplitude,
  device.standardErrorIntensity,
];

/** Rows of a slot that are valid and equal, valid and different, and not valid. */
export interface RowComparison {
  equal: number;
  different: number;
  missing: number;
  /** Rows that are not valid and not zero. */
  dirty: number;
}

/** The frames of a run over a sound link, copied out of their slots. The device repeats them after `count`. */
export class ReferenceFrames {
  private readonly frames = new Map<number, (Uint16Array | Uint32Array)[]>();

  constructor(private readonly height: number) {}

  get count(): number {
    return this.frames.size;
  }

  keep(frame: number, slot: FrameSlot): void {
    this.frames.set(
      frame,
      planesOf(slot).map((plane) => plane.slice()),
    );
  }

  compare(frame: number, slot: FrameSlot): RowComparison {
    const reference = this.frames.get(frame % this.count)!;
    const planes = planesOf(slot);
    const rows = { equal: 0, different: 0, missing: 0, dirty: 0 };
    for (let row = 0; row < this.height; row++) {
      if (slot.rowsValid[row] === 1) {
        const same = planes.every((plane, i) =>
          sameBytes(this.row(plane, row), this.row(reference[i]!, row)),
        );
        rows[same ? 'equal' : 'different']++;
      } else {
        rows.missing++;
        if (planes.some((plane) => this.row(plane, row).some((value) => value !== 0))) rows.dirty++;
      }
    }
    return rows;
  }

  private row<Plane extends Uint16Array | Uint32Array>(plane: Plane, row: number): Plane {
    const length = plane.length / this.height;
    return plane.subarray(row * length, (row + 1) * length) as Plane;
  }
}

function sameBytes(a: Uint16Array | Uint32Array, b: Uint16Array | Uint32Array): boolean {
  const bytes = (plane: Uint16Array | Uint32Array) =>
    Buffer.from(plane.buffer, plane.byteOffset, plane.byteLength);
  return bytes(a).equals(bytes(b));
}
