/** A well-mixed 32-bit hash of a lattice point (the finaliser of MurmurHash3 over a combination of the three). */
function hash(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ seed;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const smooth = (t: number): number => t * t * (3 - 2 * t);
const mix = (a: number, b: number, t: number): number => a + (b - a) * t;

/** Value noise: random numbers in −1 … 1 on the integer lattice, smoothly interpolated. */
function valueNoise(x: number, y: number, seed: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const tx = smooth(x - x0);
  const ty = smooth(y - y0);
  const at = (dx: number, dy: number): number => hash(x0 + dx, y0 + dy, seed) / 0x7fff_ffff - 1;
  return mix(mix(at(0, 0), at(1, 0), tx), mix(at(0, 1), at(1, 1), tx), ty);
}

/** Fractal noise about −1 … 1: `octaves` layers, each half as strong and twice as fine as the one before. */
export function fractalNoise(x: number, y: number, seed: number, octaves: number): number {
  let sum = 0;
  let strength = 0.5;
  for (let octave = 0; octave < octaves; octave++) {
    sum += strength * valueNoise(x, y, seed + octave * 0x9e3779b1);
    x = x * 2 + 17.3;
    y = y * 2 + 5.7;
    strength /= 2;
  }
  return sum;
}

/** 0 below `from`, 1 above `to`, smooth between; `from` may be the larger one. */
export function smoothStep(from: number, to: number, value: number): number {
  return smooth(Math.min(1, Math.max(0, (value - from) / (to - from))));
}
