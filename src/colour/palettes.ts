import { interpolateCividis, interpolateViridis } from 'd3-scale-chromatic';
import { largestChroma, rgbOfOklch } from './oklab.js';

/** 256 colours, from the shortest lifetime to the longest, as r, g, b bytes. */
export type Palette = Uint8Array;

export const PALETTE_SIZE = 256;

/**
 * The default. Brightness shows intensity here, so the palette itself must not: a viridis makes
 * short lifetimes look like dim pixels. All its colours have one lightness (Oklab 0.72) and only
 * hue changes, in steps of equal perceived difference, as saturated as sRGB allows on the way.
 * Red is short and blue long, as in the field's rainbows.
 */
function isoluminant(): Palette {
  const lightness = 0.72;
  const samples = 2048;
  const path = Array.from({ length: samples }, (_, i) => {
    const hue = ((15 + (275 * i) / (samples - 1)) * Math.PI) / 180;
    return { hue, chroma: 0.98 * Math.min(0.16, largestChroma(lightness, hue)) };
  });
  const distance = [0];
  for (let i = 1; i < samples; i++) {
    const [from, to] = [path[i - 1], path[i]];
    const turn = ((from.chroma + to.chroma) / 2) * (to.hue - from.hue);
    distance.push(distance[i - 1] + Math.hypot(turn, to.chroma - from.chroma));
  }
  let sample = 0;
  return fill((t) => {
    while (sample < samples - 1 && distance[sample] < t * distance[samples - 1]) sample++;
    const { hue, chroma } = path[sample];
    return rgbOfOklch(lightness, chroma, hue);
  });
}

/** Fully saturated red – yellow – green – cyan – blue, like the maps of Becker & Hickl's software. */
function rainbow(): Palette {
  return fill((t) => {
    const sector = 4 * t;
    const channel = (centre: number, reach: number): number =>
      Math.round(255 * Math.min(1, Math.max(0, reach - Math.abs(sector - centre))));
    return [channel(0, 2), channel(2, 2), channel(4, 2)];
  });
}

const grey = (): Palette => fill((t) => Array<number>(3).fill(Math.round(255 * (0.25 + 0.75 * t))));

/** d3's interpolators give `rgb(…)` or `#rrggbb` texts. */
function sampled(interpolate: (t: number) => string): Palette {
  return fill((t) => {
    const colour = interpolate(t);
    if (colour.startsWith('#')) return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    return colour.match(/\d+/g)!.map(Number);
  });
}

function fill(colourAt: (t: number) => readonly number[]): Palette {
  const palette = new Uint8Array(PALETTE_SIZE * 3);
  for (let i = 0; i < PALETTE_SIZE; i++) palette.set(colourAt(i / (PALETTE_SIZE - 1)), 3 * i);
  return palette;
}

export const palettes = {
  isoluminant: { label: 'Isoluminant', note: 'even steps of hue, one lightness', colours: isoluminant() },
  rainbow: { label: 'Rainbow', note: 'blue long, red short, as B&H show it', colours: rainbow() },
  cividis: { label: 'Cividis', note: 'safe for colour-blind eyes', colours: sampled(interpolateCividis) },
  viridis: {
    label: 'Viridis',
    note: 'even steps of lightness and hue',
    colours: sampled(interpolateViridis),
  },
  grey: { label: 'Grey', note: 'lifetime as lightness', colours: grey() },
};

export type PaletteName = keyof typeof palettes;
