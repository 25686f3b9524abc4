import type { SimOptions } from './options.js';

/** What every link of one virtual camera tells as its serial number. */
export const serialOf = ({ seed }: Pick<SimOptions, 'seed'>): string =>
  `SIM-${seed.toString(16).padStart(8, '0')}`;
