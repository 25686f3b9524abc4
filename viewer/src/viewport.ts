/** A size or a point in device pixels of the canvas, or in pixels of the image. */
export interface Size {
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

/**
 * Where the image lies on the canvas. `scale` is a whole number of device pixels per image pixel
 * (or 1/n), and the origin is whole: every image pixel is a sharp square of its exact colour.
 */
export interface Viewport {
  scale: number;
  /** Of the image's top left corner, in device pixels. */
  origin: Point;
}

const MAX_SCALE = 64;
const MIN_SCALE = 1 / 8;

/** The largest whole scale that shows all of the image, in the middle of the canvas. */
export function fit(image: Size, canvas: Size): Viewport {
  const ratio = Math.min(canvas.width / image.width, canvas.height / image.height);
  const scale = ratio >= 1 ? Math.floor(ratio) : 1 / Math.ceil(1 / ratio);
  return { scale, origin: centred(image, canvas, scale) };
}

function centred(image: Size, canvas: Size, scale: number): Point {
  return {
    x: Math.round((canvas.width - image.width * scale) / 2),
    y: Math.round((canvas.height - image.height * scale) / 2),
  };
}

/** One step in (1) or out (-1), about a quarter at a time; the image point under `at` stays there. */
export function zoom(view: Viewport, direction: 1 | -1, at: Point, image: Size, canvas: Size): Viewport {
  const scale = Math.min(MAX_SCALE, Math.max(MIN_SCALE, nextScale(view.scale, direction)));
  const ratio = scale / view.scale;
  const origin = {
    x: Math.round(at.x - (at.x - view.origin.x) * ratio),
    y: Math.round(at.y - (at.y - view.origin.y) * ratio),
  };
  return keepInSight({ scale, origin }, image, canvas);
}

function nextScale(scale: number, direction: 1 | -1): number {
  if (scale < 1 || (scale === 1 && direction < 0)) return 1 / Math.max(1, Math.round(1 / scale) - direction);
  return scale + direction * Math.max(1, Math.round(scale / 4));
}

export function pan(view: Viewport, by: Point, image: Size, canvas: Size): Viewport {
  const origin = { x: Math.round(view.origin.x + by.x), y: Math.round(view.origin.y + by.y) };
  return keepInSight({ scale: view.scale, origin }, image, canvas);
}

/** At least a quarter of the canvas, or all of a smaller image, keeps some image in it. */
function keepInSight({ scale, origin }: Viewport, image: Size, canvas: Size): Viewport {
  const clamp = (value: number, room: number, extent: number): number => {
    const shown = Math.min(room / 4, extent);
    return Math.round(Math.min(room - shown, Math.max(shown - extent, value)));
  };
  return {
    scale,
    origin: {
      x: clamp(origin.x, canvas.width, image.width * scale),
      y: clamp(origin.y, canvas.height, image.height * scale),
    },
  };
}

/** The image pixel under a point of the canvas; null beside the image. */
export function pixelAt(view: Viewport, at: Point, image: Size): Point | null {
  const x = Math.floor((at.x - view.origin.x) / view.scale);
  const y = Math.floor((at.y - view.origin.y) / view.scale);
  return x >= 0 && y >= 0 && x < image.width && y < image.height ? { x, y } : null;
}
