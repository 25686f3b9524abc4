import type { ColourRanges, DisplayMode } from '../../src/colour/colour.js';
import { matchDevicePixels, part, setText } from './dom.js';
import { MapCanvas } from './map-canvas.js';
import { listenToGestures } from './map-gestures.js';
import type { PaletteName } from '../../src/colour/palettes.js';
import type { MapFrame } from './raster.js';
import type { Region } from './region.js';
import { fit, pan, pixelAt, zoom, type Point, type Size, type Viewport } from './viewport.js';

export interface MapEvents {
  /** A pixel of the image was picked. */
  onPick(pixel: Point): void;
  /** The mouse is over a pixel of the image, or over none. */
  onHover(pixel: Point | null): void;
}

const arrows: Record<string, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** The map on the page: its canvas, zoom and pan, and the marker of the picked pixel. */
export class MapView {
  readonly canvas = part<HTMLCanvasElement>('map-canvas');
  readonly #marker = part('marker');
  readonly #scaleText = part('zoom-scale');
  readonly #map = new MapCanvas(this.canvas);
  readonly #events: MapEvents;
  #image: Size | null = null;
  #view: Viewport | null = null;
  /** The view follows the size of the window until it is zoomed or panned. */
  #fitted = true;
  #picked: Point | null = null;
  #region: Region | null = null;

  constructor(events: MapEvents) {
    this.#events = events;
    listenToGestures(this.canvas, {
      onTap: (at) => this.#pickAt(at),
      onPan: (by) => this.#move((view, image, canvas) => pan(view, by, image, canvas)),
      onZoom: (direction, at) => this.#zoomAt(direction, at),
      onHover: (at) => events.onHover(at === null ? null : this.#pixelAt(at)),
    });
    this.canvas.addEventListener('keydown', (event) => this.#onKey(event));
    part('zoom-in').addEventListener('click', () => this.#zoomMiddle(1));
    part('zoom-out').addEventListener('click', () => this.#zoomMiddle(-1));
    part('zoom-fit').addEventListener('click', () => this.#fit());
    new ResizeObserver(() => this.#layout()).observe(this.canvas);
  }

  /** The painted map, one canvas pixel per image pixel. */
  get image(): HTMLCanvasElement {
    return this.#map.image;
  }

  paint(frame: MapFrame, ranges: ColourRanges, palette: PaletteName, mode: DisplayMode): void {
    this.#map.paint(frame, ranges, palette, mode);
    const sameSize = this.#image?.width === frame.width && this.#image.height === frame.height;
    if (!sameSize) {
      this.#image = { width: frame.width, height: frame.height };
      this.#fitted = true;
      this.#layout();
    }
    this.#map.show(this.#view);
  }

  clear(): void {
    this.#image = null;
    this.#view = null;
    this.#show();
  }

  /** @param region about the pixel, whose decay is shown */
  mark(pixel: Point, region: Region): void {
    this.#picked = pixel;
    this.#region = region;
    this.#placeMarker();
  }

  #layout(): void {
    const canvas = matchDevicePixels(this.canvas);
    if (this.#image !== null) {
      this.#view =
        this.#fitted || this.#view === null
          ? fit(this.#image, canvas)
          : pan(this.#view, { x: 0, y: 0 }, this.#image, canvas);
    }
    this.#show();
  }

  #fit(): void {
    this.#fitted = true;
    this.#layout();
  }

  #show(): void {
    this.#map.show(this.#view);
    this.#placeMarker();
    const scale = this.#view?.scale ?? 1;
    setText(this.#scaleText, scale >= 1 ? `${scale}×` : `1/${Math.round(1 / scale)}`);
    // Where the image lies on the canvas, for whoever reads colours back.
    const { origin } = this.#view ?? { origin: { x: 0, y: 0 } };
    Object.assign(this.canvas.dataset, { scale, originX: origin.x, originY: origin.y });
  }

  #move(change: (view: Viewport, image: Size, canvas: Size) => Viewport): void {
    if (this.#view === null || this.#image === null) return;
    this.#view = change(this.#view, this.#image, this.canvas);
    this.#fitted = false;
    this.#show();
  }

  #zoomAt(direction: 1 | -1, at: Point): void {
    this.#move((view, image, canvas) => zoom(view, direction, at, image, canvas));
  }

  #zoomMiddle(direction: 1 | -1): void {
    this.#zoomAt(direction, { x: this.canvas.width / 2, y: this.canvas.height / 2 });
  }

  #pixelAt(at: Point): Point | null {
    return this.#view === null || this.#image === null ? null : pixelAt(this.#view, at, this.#image);
  }

  #pickAt(at: Point): void {
    const pixel = this.#pixelAt(at);
    if (pixel !== null) this.#events.onPick(pixel);
  }

  #onKey(event: KeyboardEvent): void {
    const arrow = arrows[event.key];
    if (arrow !== undefined) this.#pickBeside(arrow, event.shiftKey ? 10 : 1);
    else if (event.key === '+' || event.key === '=') this.#zoomMiddle(1);
    else if (event.key === '-') this.#zoomMiddle(-1);
    else if (event.key === '0') this.#fit();
    else return;
    event.preventDefault();
  }

  #pickBeside(direction: Point, step: number): void {
    if (this.#image === null) return;
    const { width, height } = this.#image;
    const from = this.#picked ?? { x: width >> 1, y: height >> 1 };
    this.#events.onPick({
      x: Math.min(width - 1, Math.max(0, from.x + step * direction.x)),
      y: Math.min(height - 1, Math.max(0, from.y + step * direction.y)),
    });
  }

  /** A frame around the region, never smaller than can be seen; the canvas itself stays untouched. */
  /** Whether the picked pixel is one of the image at hand: a series of smaller images may have followed. */
  #hasPicked(): boolean {
    const [pixel, image] = [this.#picked, this.#image];
    return pixel !== null && image !== null && pixel.x < image.width && pixel.y < image.height;
  }

  #placeMarker(): void {
    this.#marker.hidden = !this.#hasPicked();
    if (this.#region === null || this.#view === null) return;
    const { scale, origin } = this.#view;
    const across = (from: number, at: number, pixels: number): { start: number; size: number } => {
      const size = Math.max((scale * pixels) / devicePixelRatio, 7);
      return { start: (from + (at + pixels / 2) * scale) / devicePixelRatio - size / 2, size };
    };
    const { x, y, width, height } = this.#region;
    const [left, top] = [across(origin.x, x, width), across(origin.y, y, height)];
    Object.assign(this.#marker.style, { width: `${left.size}px`, height: `${top.size}px` });
    this.#marker.style.transform = `translate(${left.start}px, ${top.start}px)`;
  }
}
