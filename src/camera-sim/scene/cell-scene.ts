import { indexOfTau } from '../photons/decay-model.js';
import { type CellCanvas, DARK, drawCells } from './cell-canvas.js';
import { type Cell, layOutCells } from './cells.js';

/** What one image row emits in a frame. Arrays are `[x]`. */
export interface SceneRow {
  /** Brightness; 1 is the mean in the cells. */
  brightness: Float32Array;
  /** Photon share of the short lifetime. */
  shortShare: Float32Array;
  /** Indices of the decay tables. */
  shortTau: Uint8Array;
  longTau: Uint8Array;
  kind: Uint8Array;
}

/** What a pixel shows; a nucleus or a granule where it gives more than half of the light. */
export const PixelKind = { between: 0, cytoplasm: 1, nucleus: 2, granule: 3 } as const;

export function createSceneRow(width: number): SceneRow {
  return {
    brightness: new Float32Array(width),
    shortShare: new Float32Array(width),
    shortTau: new Uint8Array(width),
    longTau: new Uint8Array(width),
    kind: new Uint8Array(width),
  };
}

/** Motion, in units of the shorter image side and seconds. */
const DRIFT = { x: 0.014, y: 0.011, periodXs: 23, periodYs: 31 };
const FLOW = { strength: 0.008, waves: 2.3, periodS: 9 };
/** The wave that shortens lifetimes as it passes: where it starts, its speed, and how often it comes. */
const WAVE = { x: 0.18, y: 0.86, speed: 0.16, periodS: 8, riseS: 0.6, fallS: 1.5 };
const BREATHING = { strength: 0.09, periodS: 6.5 };
const WAVE_STEPS = 1024;
/** Light between the cells: a mixture of its own. */
const GLOW = { shortShare: 0.3, shortTau: indexOfTau(500), longTau: indexOfTau(2900) };

/**
 * A field of living cells. The canvas is drawn once; a frame is read from it through a slow drift and flow,
 * while a wave of shorter lifetime (as calcium or pH waves do) runs through the cells.
 */
export class CellScene {
  private readonly cells: readonly Cell[];
  private readonly canvas: CellCanvas;
  private readonly size: number;
  /** Strength of the wave over one period after its front has passed. */
  private readonly wave = new Float32Array(WAVE_STEPS);
  private readonly gain: Float32Array;
  private seconds = 0;

  constructor(
    readonly width: number,
    readonly height: number,
    seed: number,
  ) {
    this.size = Math.min(width, height);
    const reach = DRIFT.x + DRIFT.y + FLOW.strength;
    const margin = Math.ceil(reach * this.size) + 2;
    // The same cells at every resolution: the field does not depend on the margin in pixels.
    const border = reach + 0.07;
    this.cells = layOutCells(seed, -border, -border, width / this.size + border, height / this.size + border);
    this.canvas = drawCells(this.cells, seed, width, height, margin);
    this.gain = new Float32Array(this.cells.length + 1).fill(1);
    for (let i = 0; i < WAVE_STEPS; i++) {
      const since = (i / WAVE_STEPS) * WAVE.periodS;
      this.wave[i] = (1 - Math.exp(-since / WAVE.riseS)) * Math.exp(-since / WAVE.fallS);
    }
    const peak = Math.max(...this.wave);
    for (let i = 0; i < WAVE_STEPS; i++) this.wave[i]! /= peak;
  }

  /** Sets the time that `row` shows. */
  begin(seconds: number): void {
    this.seconds = seconds;
    this.cells.forEach((cell, i) => {
      const swing = Math.sin((2 * Math.PI * seconds) / BREATHING.periodS + cell.phase);
      this.gain[i + 1] = 1 + BREATHING.strength * swing;
    });
  }

  row(y: number, out: SceneRow): void {
    const { canvas, seconds, size } = this;
    const turn = (period: number): number => (2 * Math.PI * seconds) / period;
    const driftX = DRIFT.x * size * Math.sin(turn(DRIFT.periodXs));
    const driftY = DRIFT.y * size * Math.sin(turn(DRIFT.periodYs) + 1);
    const flow = FLOW.strength * size;
    const perPixel = (2 * Math.PI * FLOW.waves) / size;
    const flowX = driftX + flow * Math.sin(y * perPixel + turn(FLOW.periodS));
    const fromY = canvas.margin + y + driftY;
    for (let x = 0; x < this.width; x++) {
      const fromX = canvas.margin + x + flowX;
      this.pixel(fromX, fromY + flow * Math.sin(x * perPixel + turn(FLOW.periodS) + 2), x, out);
    }
  }

  /** Reads the canvas at a place between its pixels: brightness smoothly, the cell from the nearest. */
  private pixel(x: number, y: number, column: number, out: SceneRow): void {
    const { canvas } = this;
    const x0 = Math.floor(x);
    const y0 = Math.floor(y);
    const at = y0 * canvas.width + x0;
    const tx = x - x0;
    const ty = y - y0;
    const nearest = at + (tx < 0.5 ? 0 : 1) + (ty < 0.5 ? 0 : canvas.width);
    const cellNumber = canvas.cell[nearest]!;
    out.brightness[column] = between(canvas.brightness, at, canvas.width, tx, ty) * this.gain[cellNumber]!;
    if (cellNumber === 0) {
      out.kind[column] = PixelKind.between;
      out.shortShare[column] = GLOW.shortShare;
      out.shortTau[column] = GLOW.shortTau;
      out.longTau[column] = GLOW.longTau;
      return;
    }
    const { share, shortTau, longTau } = this.cells[cellNumber - 1]!;
    const nucleus = canvas.nucleus[nearest]!;
    const granule = canvas.granule[nearest]!;
    const wave = this.waveAt((x - canvas.margin) / this.size, (y - canvas.margin) / this.size);
    const short = share.cytoplasm + nucleus * share.nucleus + granule * share.granule + wave * share.wave;
    out.shortShare[column] = Math.min(0.95, Math.max(0, short));
    out.shortTau[column] = shortTau;
    out.longTau[column] = longTau;
    if (out.brightness[column]! < DARK) out.kind[column] = PixelKind.between;
    else if (granule > 0.5) out.kind[column] = PixelKind.granule;
    else out.kind[column] = nucleus > 0.5 ? PixelKind.nucleus : PixelKind.cytoplasm;
  }

  /** Strength of the wave, 0 … 1, at a point given in units of the shorter side. */
  private waveAt(x: number, y: number): number {
    const distance = Math.sqrt((x - WAVE.x) * (x - WAVE.x) + (y - WAVE.y) * (y - WAVE.y));
    const periods = (this.seconds - distance / WAVE.speed) / WAVE.periodS;
    return this.wave[Math.floor((periods - Math.floor(periods)) * WAVE_STEPS)]!;
  }
}

function between(map: Float32Array, at: number, width: number, tx: number, ty: number): number {
  const top = map[at]! + (map[at + 1]! - map[at]!) * tx;
  const bottom = map[at + width]! + (map[at + width + 1]! - map[at + width]!) * tx;
  return top + (bottom - top) * ty;
}
