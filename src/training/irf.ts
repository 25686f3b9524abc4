/** The shape of the instrument response; its position is an option of its own. */
export type IrfShape =
  { kind: 'gaussian'; fwhmPs: number } | { kind: 'rectangle'; widthPs: number } | MeasuredShape;

/** A measured response, reduced to weighted instants around its centre (measured-irf.ts says how, and what that is). */
export interface MeasuredShape {
  kind: 'measured';
  /** Ascending. */
  offsetsPs: readonly number[];
  /** Sum 1. */
  weights: readonly number[];
  /** Full width of its main peak at half maximum: what people compare. */
  fwhmPs: number;
  /** The file it was taken from: name without folder, hash of the bytes. */
  source: { name: string; sha256: string };
}

/**
 * A response as a sum of weighted instants, ascending, around its centre: convolution becomes a short sum, for a
 * measured histogram as well as for a formula.
 */
export interface IrfNodes {
  offsetsPs: Float64Array;
  /** Sum 1. */
  weights: Float64Array;
}

/** How finely a formula becomes instants. */
export interface Quadrature {
  nodes: number;
  /** A Gaussian is cut off this many standard deviations from its centre. */
  reachSigma: number;
}

/** At 24 nodes the gate contents of a 390 ps gate on the rising edge are within 0.1 % of the integral. */
const trainingQuadrature: Quadrature = { nodes: 24, reachSigma: 3 };
export const FWHM_PER_SIGMA = 2 * Math.sqrt(2 * Math.log(2));

/** A measured response has its instants already. */
export function irfNodes(shape: IrfShape, { nodes, reachSigma } = trainingQuadrature): IrfNodes {
  if (shape.kind === 'measured') {
    return { offsetsPs: Float64Array.from(shape.offsetsPs), weights: Float64Array.from(shape.weights) };
  }
  const sigma = shape.kind === 'gaussian' ? shape.fwhmPs / FWHM_PER_SIGMA : 0;
  const width = shape.kind === 'gaussian' ? 2 * reachSigma * sigma : shape.widthPs;
  const offsetsPs = Float64Array.from({ length: nodes }, (_, k) => ((k + 0.5) / nodes - 0.5) * width);
  const density = offsetsPs.map((offset) =>
    shape.kind === 'gaussian' ? Math.exp(-0.5 * (offset / sigma) ** 2) : 1,
  );
  const total = density.reduce((sum, value) => sum + value, 0);
  return { offsetsPs, weights: density.map((value) => value / total) };
}

/** Its width, ps: of a peak at half its maximum. */
export function irfWidthPs(shape: IrfShape): number {
  return shape.kind === 'rectangle' ? shape.widthPs : shape.fwhmPs;
}
