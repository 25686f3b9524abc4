import { levelColour, level, type ColourRanges, type DisplayMode } from './colour.js';
import { context2d } from './dom.js';
import { palettes, type PaletteName } from './palettes.js';
import { nanoseconds } from './wording.js';

export interface SnapshotContent {
  /** The painted map, one pixel per sensor pixel. */
  image: HTMLCanvasElement;
  ranges: ColourRanges;
  palette: PaletteName;
  mode: DisplayMode;
  /** What the hue shows. */
  meanName: string;
  /** Where the frame comes from. */
  provenance: string;
}

const MARGIN = 16;
const FOOT = 84;

/** The map at a whole scale with its colour scale, ranges and provenance, as a PNG file. */
export function saveSnapshot(content: SnapshotContent, fileName: string): void {
  drawSnapshot(content).toBlob((png) => {
    if (png === null) return;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(png);
    link.download = fileName;
    link.click();
    URL.revokeObjectURL(link.href);
  }, 'image/png');
}

function drawSnapshot(content: SnapshotContent): HTMLCanvasElement {
  const { image } = content;
  const scale = Math.max(1, Math.floor(768 / image.width));
  const width = image.width * scale;
  const height = image.height * scale;
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(width, 480) + 2 * MARGIN;
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
  const { ranges, palette, mode, meanName, provenance } = content;
  const { lifetime, photons } = ranges;
  const brightness = `brightness: ${photons.min} … ${photons.max} photons per pixel and frame`;
  if (mode !== 'intensity') {
    for (let x = 0; x < 256; x++) {
      const hue = level(x, { min: 0, max: 255 });
      context.fillStyle = `rgb(${levelColour(hue, 255, palettes[palette].colours, 'lifetime').join(' ')})`;
      context.fillRect(MARGIN + x, top, 1, 12);
    }
  }
  context.font = '13px system-ui, sans-serif';
  context.fillStyle = '#e4e9ee';
  const range = `${nanoseconds(lifetime.min, 2)} … ${nanoseconds(lifetime.max, 2)} ns`;
  const lines = [
    mode === 'intensity' ? 'Intensity' : `${meanName}, ${range}`,
    mode === 'lifetime' ? 'brightness: the same everywhere' : brightness,
    provenance,
  ];
  lines.forEach((text, index) => context.fillText(text, MARGIN, top + 30 + 18 * index));
}
