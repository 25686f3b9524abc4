import type { Precision } from '../training/quantize.js';
import type { NetworkShape } from '../training/network.js';

export interface NetworkSize {
  parameters: number;
  bytes: number;
  /** Multiply-accumulates for one pixel. */
  macsPerPixel: number;
}

/** Weights with their rows: a row has one bias and, in integers, one shift. */
interface Part {
  weights: number;
  rows: number;
  /** How often a pixel uses it. */
  uses: number;
}

/** What the live path computes: encoder and head, with all outputs. */
export function livePathSize(
  { gates, hidden, head, outputs }: Omit<NetworkShape, 'decoder'>,
  precision: Precision | null,
): NetworkSize {
  return sizeOf(
    [
      { weights: 3 * hidden * (hidden + 2), rows: 4 * hidden, uses: gates },
      { weights: head * hidden, rows: head, uses: 1 },
      { weights: outputs * head, rows: outputs, uses: 1 },
    ],
    precision,
  );
}

/** What the decoder adds. Its input is the same in every step, so that its product is computed once. */
export function decoderSize({ gates, hidden }: NetworkShape, precision: Precision | null): NetworkSize {
  return sizeOf(
    [
      { weights: 3 * hidden * hidden, rows: 4 * hidden, uses: gates },
      { weights: 3 * hidden * hidden, rows: 0, uses: 1 },
      { weights: hidden, rows: 1, uses: gates },
    ],
    precision,
  );
}

function sizeOf(parts: readonly Part[], precision: Precision | null): NetworkSize {
  const sum = (figure: (part: Part) => number): number =>
    parts.reduce((total, part) => total + figure(part), 0);
  const weights = sum((part) => part.weights);
  const rows = sum((part) => part.rows);
  return {
    parameters: weights + rows,
    bytes: precision === null ? 4 * (weights + rows) : Math.ceil((weights * precision) / 8) + 5 * rows,
    macsPerPixel: sum((part) => part.weights * part.uses),
  };
}
