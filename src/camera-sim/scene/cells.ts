import { indexOfTau, tauOfIndex } from '../photons/decay-model.js';
import { Random } from '../../random/random.js';

/** One cell of the scene. Lengths in units of the shorter image side. */
export interface Cell {
  x: number;
  y: number;
  radius: number;
  /** Outline: radius × (1 + Σ strength·cos(order·angle + phase)). */
  lobes: readonly { order: number; strength: number; phase: number }[];
  nucleus: { dx: number; dy: number; radius: number; stretch: number; angle: number };
  granules: readonly { dx: number; dy: number; radius: number; strength: number }[];
  brightness: number;
  /** Of the nucleus against the cytoplasm. */
  nucleusBrightness: number;
  /** Two lifetimes of the cell (indices of the decay tables); places differ in how much of each they show. */
  shortTau: number;
  longTau: number;
  /** Photon share of the short lifetime in the cytoplasm, and what nucleus, granules and the wave add to it. */
  share: { cytoplasm: number; nucleus: number; granule: number; wave: number };
  /** Of the slow changes of brightness, radians. */
  phase: number;
}

/** Amplitude-weighted mean lifetimes of the cytoplasm, from the shortest to the longest cell, ps. */
const LEAST_MEAN_PS = 950;
const MOST_MEAN_PS = 3750;
/** Golden ratio: successive cells differ in lifetime as much as can be. */
const GOLDEN = 0.618034;

/** Photon share of the short component with which the amplitude-weighted mean lifetime is `meanPs`. */
function shareForMean(meanPs: number, shortPs: number, longPs: number): number {
  return (1 / meanPs - 1 / longPs) / (1 / shortPs - 1 / longPs);
}

/** Cells scattered over a field of the given size (image sides with margins) without much overlap. */
export function layOutCells(seed: number, left: number, top: number, right: number, bottom: number): Cell[] {
  const random = new Random(seed, 0xce115);
  const cells: Cell[] = [];
  for (let attempt = 0; attempt < 6000; attempt++) {
    const x = left + (right - left) * random.uniform();
    const y = top + (bottom - top) * random.uniform();
    const radius = 0.07 + 0.06 * random.uniform();
    const free = cells.every((cell) => Math.hypot(cell.x - x, cell.y - y) > 0.86 * (cell.radius + radius));
    if (free) cells.push(growCell(x, y, radius, cells.length, random));
  }
  return cells;
}

function growCell(x: number, y: number, radius: number, number: number, random: Random): Cell {
  const between = (least: number, most: number): number => least + (most - least) * random.uniform();
  const lobes = [2, 3, 4, 5, 7].map((order) => ({
    order,
    strength: between(0.05, 0.42) / order,
    phase: between(0, 2 * Math.PI),
  }));
  const towards = between(0, 2 * Math.PI);
  const nucleus = {
    dx: 0.2 * radius * Math.cos(towards),
    dy: 0.2 * radius * Math.sin(towards),
    radius: radius * between(0.36, 0.46),
    stretch: between(1.05, 1.4),
    angle: between(0, Math.PI),
  };
  const granules = Array.from({ length: 3 + random.below(7) }, () => {
    const angle = between(0, 2 * Math.PI);
    const distance = radius * between(0.5, 0.85);
    return {
      dx: distance * Math.cos(angle),
      dy: distance * Math.sin(angle),
      radius: between(0.0055, 0.0105),
      strength: between(0.6, 1.6),
    };
  });
  return {
    x,
    y,
    radius,
    lobes,
    nucleus,
    granules,
    brightness: between(0.65, 1.25),
    nucleusBrightness: random.uniform() < 0.75 ? between(0.42, 0.7) : between(1.15, 1.4),
    phase: between(0, 2 * Math.PI),
    ...lifetimesOfCell(number, random),
  };
}

/** Lifetimes spread over the whole range, nuclei shorter in most cells and longer in some. */
function lifetimesOfCell(number: number, random: Random): Pick<Cell, 'shortTau' | 'longTau' | 'share'> {
  const between = (least: number, most: number): number => least + (most - least) * random.uniform();
  const meanPs = LEAST_MEAN_PS + (MOST_MEAN_PS - LEAST_MEAN_PS) * ((number * GOLDEN + 0.3) % 1);
  const shortTau = indexOfTau(meanPs * between(0.28, 0.4));
  const longTau = indexOfTau(meanPs * between(1.06, 1.2));
  const shareAt = (factor: number): number =>
    Math.min(0.9, Math.max(0, shareForMean(meanPs * factor, tauOfIndex(shortTau), tauOfIndex(longTau))));
  const cytoplasm = shareAt(1);
  const nucleusFactor = random.uniform() < 0.75 ? between(0.78, 0.88) : 1.06;
  return {
    shortTau,
    longTau,
    share: {
      cytoplasm,
      nucleus: shareAt(nucleusFactor) - cytoplasm,
      granule: shareAt(0.66) - cytoplasm,
      wave: shareAt(0.72) - cytoplasm,
    },
  };
}
