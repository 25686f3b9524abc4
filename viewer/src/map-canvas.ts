import { ColourTable, type ColourRanges, type DisplayMode } from '../../src/colour/colour.js';
import { context2d } from './dom.js';
import { palettes, type PaletteName } from '../../src/colour/palettes.js';
import { paintMap, type MapFrame } from './raster.js';
import type { Viewport } from './viewport.js';

/** Behind the image; darker than any invalid pixel. */
const BACKDROP = '#07090b';

/**
 * Draws frames: once into an image of the sensor's size, then enlarged by whole steps without
 * smoothing, so that every colour on the screen is one that `colour.ts` computed.
 */
export class MapCanvas {
  readonly image = document.createElement('canvas');
  readonly #canvas: HTMLCanvasElement;
  readonly #screen: CanvasRenderingContext2D;
  readonly #imageContext = context2d(this.image);
  #pixels = new ImageData(1, 1);
  #words = new Uint32Array(this.#pixels.data.buffer);
  #table: { palette: PaletteName; mode: DisplayMode; colours: ColourTable } | null = null;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#screen = context2d(canvas, { alpha: false });
  }

  paint(frame: MapFrame, ranges: ColourRanges, palette: PaletteName, mode: DisplayMode): void {
    this.#fitImage(frame);
    const colours = this.#colours(palette, mode);
    colours.setRanges(ranges);
    paintMap(this.#words, frame, colours, mode);
    this.#imageContext.putImageData(this.#pixels, 0, 0);
  }

  /** Shows the painted image; null shows none. */
  show(view: Viewport | null): void {
    const screen = this.#screen;
    screen.fillStyle = BACKDROP;
    screen.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    if (view === null) return;
    const { scale, origin } = view;
    // Resizing the canvas resets this.
    screen.imageSmoothingEnabled = false;
    screen.drawImage(this.image, origin.x, origin.y, this.image.width * scale, this.image.height * scale);
  }

  #fitImage({ width, height }: MapFrame): void {
    if (this.#pixels.width === width && this.#pixels.height === height) return;
    Object.assign(this.image, { width, height });
    this.#pixels = new ImageData(width, height);
    this.#words = new Uint32Array(this.#pixels.data.buffer);
  }

  #colours(palette: PaletteName, mode: DisplayMode): ColourTable {
    if (this.#table?.palette !== palette || this.#table.mode !== mode) {
      this.#table = { palette, mode, colours: new ColourTable(palettes[palette].colours, mode) };
    }
    return this.#table.colours;
  }
}
