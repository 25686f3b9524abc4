/** The shape of the instrument response; its position is an option of its own. */
export type IrfShape = { kind: 'gaussian'; fwhmPs: number } | { kind: 'rectangle'; widthPs: number };

/**
 * A response as a sum of weighted instants, ascending, around its centre: convolution becomes a short sum, for a
 * measured histogram as well as for a formula.
 */
export interface IrfNodes {
  offsetsPs: Float64Array;
  /** Sum 1. */
  weights: Float64Array;
}

/** At 24 nodes the gate contents of a 390 ps gate on the rising edge are within 0.1 % of the integral. */
const NODES = 24;
const GAUSSIAN_REACH_SIGMA = 3;
const FWHM_PER_SIGMA = 2 * Math.sqrt(2 * Math.log(2));

export function irfNodes(shape: IrfShape): IrfNodes {
  const sigma = shape.kind === 'gaussian' ? shape.fwhmPs / FWHM_PER_SIGMA : 0;
  const width = shape.kind === 'gaussian' ? 2 * GAUSSIAN_REACH_SIGMA * sigma : shape.widthPs;
  const offsetsPs = Float64Array.from({ length: NODES }, (_, k) => ((k + 0.5) / NODES - 0.5) * width);
  const density = offsetsPs.map((offset) =>
    shape.kind === 'gaussian' ? Math.exp(-0.5 * (offset / sigma) ** 2) : 1,
  );
  const total = density.reduce((sum, value) => sum + value, 0);
  return { offsetsPs, weights: density.map((value) => value / total) };
}
