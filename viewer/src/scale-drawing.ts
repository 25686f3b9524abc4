import type { Range } from '../../src/colour/colour.js';
import type { Histogram } from './distribution.js';
import type { Rgb } from '../../src/colour/oklab.js';

export interface ScaleDrawing {
  /** The scale goes from 0 to here. */
  reach: number;
  range: Range;
  histogram: Histogram;
  /** Height of a column for its weight: linear, or compressed where one value outweighs all others. */
  heightOf: (weight: number) => number;
  colourAt: (value: number) => Rgb;
  /** Colour of the histogram's columns; null: that of their value. */
  columnColour: string | null;
  /** Value of one unit of the axis numbers. */
  axisUnit: number;
  /** Size of the canvas in device pixels, and how many of them make a CSS pixel. */
  width: number;
  height: number;
  ratio: number;
}

/** CSS pixels. */
const AXIS_HEIGHT = 15;
const STRIP_HEIGHT = 10;
const COLUMN_WIDTH = 3;

/** Histogram, colour strip and axis of a scale. */
export function drawScale(context: CanvasRenderingContext2D, drawing: ScaleDrawing): void {
  const { width, height, ratio } = drawing;
  context.clearRect(0, 0, width, height);
  context.save();
  context.scale(ratio, ratio);
  const size = { width: width / ratio, height: height / ratio };
  const floor = size.height - AXIS_HEIGHT - STRIP_HEIGHT - 2;
  drawColumns(context, drawing, size.width, floor);
  drawStrip(context, drawing, size.width, floor + 2);
  drawAxis(context, drawing, size.width, size.height);
  context.restore();
}

function drawColumns(
  context: CanvasRenderingContext2D,
  drawing: ScaleDrawing,
  width: number,
  height: number,
): void {
  const { reach, range, heightOf, colourAt, columnColour } = drawing;
  const columns = rebin(drawing.histogram, Math.floor(width / COLUMN_WIDTH), reach);
  const tallest = Math.max(...columns.map(heightOf));
  if (tallest === 0) return;
  columns.forEach((weight, index) => {
    const value = ((index + 0.5) / columns.length) * reach;
    const tall = (heightOf(weight) / tallest) * (height - 2);
    if (tall === 0) return;
    context.fillStyle = columnColour ?? css(colourAt(value));
    context.globalAlpha = value < range.min || value > range.max ? 0.3 : 0.95;
    context.fillRect(index * COLUMN_WIDTH, height - tall, COLUMN_WIDTH - 0.5, tall);
  });
  context.globalAlpha = 1;
}

/** The histogram's weights in equal columns from 0 to `reach`; a bin across an edge is shared out. */
export function rebin({ binWidth, weights }: Histogram, count: number, reach: number): number[] {
  const columns = new Array<number>(count).fill(0);
  const columnsPerBin = (binWidth / reach) * count;
  weights.forEach((weight, bin) => {
    if (weight === 0) return;
    const from = bin * columnsPerBin;
    const to = from + columnsPerBin;
    for (let column = Math.floor(from); column < Math.min(to, count); column++) {
      const overlap = Math.min(to, column + 1) - Math.max(from, column);
      columns[column] += (weight * overlap) / columnsPerBin;
    }
  });
  return columns;
}

function drawStrip(
  context: CanvasRenderingContext2D,
  drawing: ScaleDrawing,
  width: number,
  top: number,
): void {
  const { reach, range, colourAt } = drawing;
  for (let x = 0; x < width; x++) {
    const value = ((x + 0.5) / width) * reach;
    context.fillStyle = css(colourAt(value));
    context.globalAlpha = value < range.min || value > range.max ? 0.35 : 1;
    context.fillRect(x, top, 1, STRIP_HEIGHT);
  }
  context.globalAlpha = 1;
}

function drawAxis(
  context: CanvasRenderingContext2D,
  drawing: ScaleDrawing,
  width: number,
  bottom: number,
): void {
  const { reach, axisUnit } = drawing;
  context.font = '10.5px system-ui, sans-serif';
  context.fillStyle = '#96a2ae';
  context.textBaseline = 'alphabetic';
  const step = niceStep(reach / axisUnit / 5);
  for (let value = 0; value <= (reach / axisUnit) * 1.0001; value += step) {
    const x = ((value * axisUnit) / reach) * width;
    const text = String(Number(value.toPrecision(4)));
    const half = context.measureText(text).width / 2;
    context.fillText(text, Math.min(width - 2 * half, Math.max(0, x - half)), bottom - 2);
  }
}

/** 1, 2 or 5 times a power of ten, at least `atLeast`. */
export function niceStep(atLeast: number): number {
  const unit = 10 ** Math.floor(Math.log10(atLeast));
  return unit * ([1, 2, 5].find((factor) => factor * unit >= atLeast * 0.9999) ?? 10);
}

const css = ([r, g, b]: Rgb): string => `rgb(${r} ${g} ${b})`;
