import type { DecayTruth } from '../training/decays.js';

/** How far estimates are off, in the unit of the quantity. */
export interface Figures {
  rmse: number;
  mae: number;
  bias: number;
}

export type Quantity = keyof DecayTruth;

/** Of the pixels that have an estimate; NaN where there is none. */
export function figuresOf(errors: readonly number[]): Figures {
  const mean = (figure: (error: number) => number): number =>
    errors.reduce((sum, error) => sum + figure(error), 0) / errors.length;
  return {
    rmse: Math.sqrt(mean((error) => error * error)),
    mae: mean(Math.abs),
    bias: mean((error) => error),
  };
}

export function errorsOf<Q extends Quantity>(
  quantity: Q,
  found: readonly (Pick<DecayTruth, Q> | null)[],
  truths: readonly DecayTruth[],
): number[] {
  return found.flatMap((estimate, pixel) =>
    estimate === null ? [] : [estimate[quantity] - truths[pixel]![quantity]],
  );
}
