/** Femtoseconds per picosecond: registers carry time in whole fs so that bins such as 12.5 ns / 256 stay exact. */
export const FS_PER_PS = 1000;

export const psFromFs = (fs: number): number => fs / FS_PER_PS;
export const fsFromPs = (ps: number): number => Math.round(ps * FS_PER_PS);

/** A lifetime on the wire: unsigned 16-bit picoseconds; this value says "no valid estimate". */
export const INVALID_LIFETIME_PS = 0;
