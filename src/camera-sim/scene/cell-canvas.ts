import type { Cell } from './cells.js';
import { fractalNoise, smoothStep } from './noise.js';

/**
 * The cells drawn once, before anything moves: maps `[y][x]` larger than the image by a margin on every side,
 * one canvas pixel to an image pixel.
 */
export interface CellCanvas {
  readonly width: number;
  readonly height: number;
  readonly margin: number;
  /** Brightness; 1 is the mean in the cells. */
  readonly brightness: Float32Array;
  /** How much of the brightness comes from the nucleus and from granules, 0 … 1. */
  readonly nucleus: Float32Array;
  readonly granule: Float32Array;
  /** Number of the cell whose light is there, reaching a little beyond its outline, + 1; 0 between the cells. */
  readonly cell: Uint16Array;
}

/** Dim glow between the cells: a few photons, too few for a lifetime. */
const BETWEEN_CELLS = 0.012;
/** Less light than this is no part of a cell. */
export const DARK = 0.1;
/** How far around a cell light is its own, in its radius: a pixel read at the edge mixes inside and outside. */
const HALO = 1.2;
/** How far noise moves an outline. */
const BEND = 0.016;

interface Place {
  cell: number;
  /** 0 at the centre, 1 at the outline; how far the next cell is, in the same measure. */
  depth: number;
  clearance: number;
}

interface Sketch {
  cells: readonly Cell[];
  seed: number;
  /** Side of a pixel in the unit of the cells' lengths, the shorter image side. */
  pixel: number;
}

export function drawCells(
  cells: readonly Cell[],
  seed: number,
  imageWidth: number,
  imageHeight: number,
  margin: number,
): CellCanvas {
  const width = imageWidth + 2 * margin;
  const height = imageHeight + 2 * margin;
  const canvas: CellCanvas = {
    width,
    height,
    margin,
    brightness: new Float32Array(width * height),
    nucleus: new Float32Array(width * height),
    granule: new Float32Array(width * height),
    cell: new Uint16Array(width * height),
  };
  const pixel = 1 / Math.min(imageWidth, imageHeight);
  const sketch: Sketch = { cells, seed, pixel };
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const x = (column - margin + 0.5) * pixel;
      const y = (row - margin + 0.5) * pixel;
      drawPixel(canvas, row * width + column, x, y, sketch);
    }
  }
  normalise(canvas.brightness);
  return canvas;
}

/** Scales the brightness to a mean of 1 in the cells. */
function normalise(brightness: Float32Array): void {
  const inCells = brightness.filter((value) => value > DARK);
  const mean = inCells.reduce((sum, value) => sum + value, 0) / inCells.length;
  for (let i = 0; i < brightness.length; i++) brightness[i]! /= mean;
}

function drawPixel(canvas: CellCanvas, at: number, x: number, y: number, sketch: Sketch): void {
  const { cells, seed, pixel } = sketch;
  const place = placeOf(x, y, sketch);
  const glow = BETWEEN_CELLS * (1 + 0.7 * fractalNoise(x * 6, y * 6, seed + 5, 3));
  canvas.brightness[at] = glow;
  if (!place) return;
  canvas.cell[at] = place.cell + 1;
  const cell = cells[place.cell]!;
  const edge = Math.max(0.05, (1.2 * pixel) / cell.radius);
  const inside =
    smoothStep(1, 1 - 2 * edge, place.depth) * smoothStep(0.01, 0.01 + 2 * edge, place.clearance);
  if (inside === 0) return;
  const parts = partsAt(x, y, cell, pixel);
  // Cells are thicker towards the middle.
  const thickness = 0.45 + 0.55 * Math.sqrt(1 - Math.min(1, place.depth) ** 2);
  const coarse = 0.25 * fractalNoise(x * 14, y * 14, seed + 7, 2);
  const fine = 0.55 * fractalNoise(x * 55, y * 55, seed + 9, 3);
  const cytoplasm = thickness * (1 + coarse + fine) * (1 - parts.nucleus);
  const chromatin = 1 + 0.2 * fractalNoise(x * 70, y * 70, seed + 3, 2);
  const nucleus = parts.nucleus * cell.nucleusBrightness * chromatin;
  const total = cytoplasm + nucleus + parts.granules;
  canvas.brightness[at] = glow + cell.brightness * inside * total;
  canvas.nucleus[at] = nucleus / total;
  canvas.granule[at] = parts.granules / total;
}

/** The cell that a point belongs to: the one whose outline it is deepest inside, or nearest to; null far from all. */
function placeOf(x: number, y: number, { cells, seed }: Sketch): Place | null {
  // Outlines are bent by noise, so that no cell is a smooth curve.
  const bentX = x + BEND * fractalNoise(x * 22, y * 22, seed, 3);
  const bentY = y + BEND * fractalNoise(x * 22 + 40, y * 22, seed, 3);
  let depth = Infinity;
  let next = Infinity;
  let nearest = -1;
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i]!;
    const dx = bentX - cell.x;
    const dy = bentY - cell.y;
    const distance = Math.sqrt(dx * dx + dy * dy);
    if (distance > 2 * cell.radius) continue;
    const relative = distance / (cell.radius * outline(cell, Math.atan2(dy, dx)));
    if (relative < depth) {
      next = depth;
      depth = relative;
      nearest = i;
    } else if (relative < next) {
      next = relative;
    }
  }
  return depth < HALO ? { cell: nearest, depth, clearance: next - depth } : null;
}

function outline(cell: Cell, angle: number): number {
  let factor = 1.08;
  for (const { order, strength, phase } of cell.lobes) factor += strength * Math.cos(order * angle + phase);
  return factor;
}

/** Weights of nucleus and granules at a point of a cell. */
function partsAt(x: number, y: number, cell: Cell, pixel: number): { nucleus: number; granules: number } {
  const { nucleus } = cell;
  const dx = x - cell.x - nucleus.dx;
  const dy = y - cell.y - nucleus.dy;
  const along = dx * Math.cos(nucleus.angle) + dy * Math.sin(nucleus.angle);
  const across = (dy * Math.cos(nucleus.angle) - dx * Math.sin(nucleus.angle)) * nucleus.stretch;
  const relative = Math.sqrt(along * along + across * across) / nucleus.radius;
  const soft = Math.max(0.12, (0.8 * pixel) / nucleus.radius);
  const nuclear = smoothStep(1 + soft, 1 - soft, relative);
  let granules = 0;
  for (const spot of cell.granules) {
    const gx = x - cell.x - spot.dx;
    const gy = y - cell.y - spot.dy;
    // On a coarse image a granule is not smaller than the optics would show it.
    const radius = Math.max(spot.radius, 0.7 * pixel);
    granules += spot.strength * Math.exp(-(gx * gx + gy * gy) / (radius * radius));
  }
  return { nucleus: nuclear, granules: granules * (1 - nuclear) };
}
