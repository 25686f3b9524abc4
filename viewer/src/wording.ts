import type { StreamPlane } from '../../src/protocol/index.js';
import type { MeanName } from './settings.js';

/** Full and short names of the two means; never just "lifetime". */
export const meanNames: Record<
  MeanName,
  { plane: StreamPlane; errorPlane: StreamPlane; name: string; short: string }
> = {
  intensity: {
    plane: 'meanLifetimeIntensity',
    errorPlane: 'standardErrorIntensity',
    name: 'Intensity-weighted mean lifetime',
    short: '⟨τ⟩ int',
  },
  amplitude: {
    plane: 'meanLifetimeAmplitude',
    errorPlane: 'standardErrorAmplitude',
    name: 'Amplitude-weighted mean lifetime',
    short: '⟨τ⟩ amp',
  },
};

export const PHOTONS_PLANE = 'photons';

/** `2.413`: all digits of a lifetime in ps, read in ns. */
export const nanoseconds = (ps: number, digits = 3): string => (ps / 1000).toFixed(digits);

/** From this standard error on, ps, the third digit of a lifetime in ns says nothing. */
const COARSE_ERROR_PS = 99.5;

/** `2.31 ± 0.12`, `2.312 ± 0.045`: in ns, with the digits that the standard error leaves. */
export function withError(ps: number, errorPs: number): string {
  const digits = errorPs < COARSE_ERROR_PS ? 3 : 2;
  return `${nanoseconds(ps, digits)} ± ${nanoseconds(errorPs, digits)}`;
}

const prefixes = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** `12.3 M`, `950 k`, `17`: three significant digits. */
export function short(value: number): string {
  for (const [unit, prefix] of prefixes) {
    // 0.9995: what rounds to 1.00 of the larger unit is written so.
    if (value >= unit * 0.9995) {
      const scaled = value / unit;
      return `${scaled.toFixed(scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2)} ${prefix}`;
    }
  }
  return value >= 10 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1);
}

export const grouped = (value: number): string => value.toLocaleString('en-US');

/** `850 ms`, `4.2 s`, `3 min`: how long ago. */
export function age(ms: number): string {
  if (ms < 1000) return `${Math.round(ms / 10) * 10} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 3_600_000 ? `${Math.floor(ms / 60_000)} min` : `${Math.floor(ms / 3_600_000)} h`;
}
