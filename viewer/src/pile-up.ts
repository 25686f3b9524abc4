export type PileUp = 'none' | 'notable' | 'severe';

/** Share of laser pulses that bring the brightest pixel a photon. */
export function pileUp(share: number): PileUp {
  if (share > 0.2) return 'severe';
  return share > 0.05 ? 'notable' : 'none';
}

/** Lifetimes stay within 5 % up to 20 % of the laser rate. */
export const pileUpAdvice: Record<PileUp, string> = {
  none: 'Brightest pixel, as a share of the laser rate. Below 5 %, pile-up does not matter.',
  notable: 'Pile-up begins to shorten lifetimes: the error stays under 5 % up to a fifth of the laser rate.',
  severe: 'Pile-up: above a fifth of the laser rate lifetimes are wrong by more than 5 %. Reduce the light.',
};
