import type { LifetimeFrame } from '../../src/client/index.js';
import { levelColour, type ColourRanges } from '../../src/colour/colour.js';
import { context2d } from './dom.js';
import { PALETTE_SIZE, palettes } from '../../src/colour/palettes.js';
import type { ViewSettings } from './settings.js';
import { showsErrors } from './shown-frame.js';
import { meanNames, nanoseconds } from './wording.js';

export interface SnapshotContent {
  /** The painted map, one pixel per sensor pixel. */
  image: HTMLCanvasElement;
  /** The frame it was painted from. */
  frame: LifetimeFrame;
  ranges: ColourRanges;
  settings: ViewSettings;
}

/** All in pixels of the file. */
const MARGIN = 16;
const FOOT = 96;
const LEAST_WIDTH = 512;
const MAP_WIDTH = 768;

/** The map at a whole scale with its colour scale, ranges and provenance, as a PNG file. */
export function saveSnapshot(content: SnapshotContent): void {
  const { series, frame } = content.frame;
  drawSnapshot(content).toBlob((png) => {
    if (png === null) return;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(png);
    link.download = `flimd-series${series}-frame${frame}.png`;
    link.click();
    URL.revokeObjectURL(link.href);
  }, 'image/png');
}

function drawSnapshot(content: SnapshotContent): HTMLCanvasElement {
  const { image } = content;
  const scale = Math.max(1, Math.floor(MAP_WIDTH / image.width));
  const width = image.width * scale;
  const height = image.height * scale;
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(width, LEAST_WIDTH) + 2 * MARGIN;
  canvas.height = height + FOOT + 2 * MARGIN;
  const context = context2d(canvas, { alpha: false });
  context.fillStyle = '#0a0d10';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = false;
  context.drawImage(image, MARGIN, MARGIN, width, height);
  drawFoot(context, content, MARGIN + height + 14);
  return canvas;
}

function drawFoot(context: CanvasRenderingContext2D, content: SnapshotContent, top: number): void {
  const { mode, palette } = content.settings;
  if (mode !== 'intensity') {
    const { colours } = palettes[palette];
    for (let hue = 0; hue < PALETTE_SIZE; hue++) {
      context.fillStyle = `rgb(${levelColour(hue, 255, colours, 'lifetime').join(' ')})`;
      context.fillRect(MARGIN + hue, top, 1, 12);
    }
  }
  context.font = '13px system-ui, sans-serif';
  context.fillStyle = '#e4e9ee';
  captions(content).forEach((text, line) => context.fillText(text, MARGIN, top + 32 + 19 * line));
}

/** What hue and brightness mean, and where the frame comes from. */
function captions({ frame, ranges, settings }: SnapshotContent): string[] {
  const { lifetime, photons, error } = ranges;
  const { mode, mean } = settings;
  const faded = error !== null && showsErrors(frame, mode);
  const hue = `${meanNames[mean].name}, ${nanoseconds(lifetime.min, 2)} … ${nanoseconds(lifetime.max, 2)} ns`;
  const brightness = `Brightness: ${photons.min} … ${photons.max} photons per pixel and frame`;
  const saturation = faded
    ? [`Saturation: standard error, full at ${error.min} %, grey at ${error.max} %`]
    : [];
  const time = new Date(frame.completedAt).toISOString();
  const model = frame.modelHash === null ? '' : `, model ${frame.modelHash}`;
  return [
    ...(mode === 'intensity' ? [] : [hue]),
    ...(mode === 'lifetime' ? [] : [brightness]),
    ...saturation,
    `Series ${frame.series}, frame ${frame.frame}, ${time}, computed by ${frame.source}${model}`,
  ];
}
