import { describe, expect, it } from 'vitest';
import { fit, pan, pixelAt, zoom, type Viewport } from '../../viewer/src/viewport.js';

const image = { width: 128, height: 96 };
const canvas = { width: 901, height: 700 };

const isWhole = ({ scale, origin }: Viewport): boolean =>
  Number.isInteger(scale >= 1 ? scale : 1 / scale) &&
  Number.isInteger(origin.x) &&
  Number.isInteger(origin.y);

describe('fit', () => {
  it('takes the largest whole scale and the middle', () => {
    expect(fit(image, canvas)).toEqual({ scale: 7, origin: { x: 3, y: 14 } });
  });

  it('shrinks a large sensor by a whole divisor', () => {
    expect(fit({ width: 1024, height: 1024 }, canvas).scale).toBe(1 / 2);
  });
});

describe('zoom', () => {
  it('keeps the image pixel under the mouse there, at whole scales', () => {
    let view = fit(image, canvas);
    const at = { x: 400, y: 300 };
    const pixel = pixelAt(view, at, image)!;
    for (const direction of [1, 1, 1, -1, -1, 1] as const) {
      view = zoom(view, direction, at, image, canvas);
      expect(isWhole(view)).toBe(true);
      const now = pixelAt(view, at, image)!;
      expect(Math.abs(now.x - pixel.x) + Math.abs(now.y - pixel.y)).toBeLessThanOrEqual(1);
    }
  });

  it('goes in and out without getting stuck, between its limits', () => {
    let view: Viewport = { scale: 1, origin: { x: 0, y: 0 } };
    const scales = (direction: 1 | -1): number[] =>
      Array.from({ length: 40 }, () => (view = zoom(view, direction, { x: 0, y: 0 }, image, canvas)).scale);
    expect(scales(1).at(-1)).toBe(64);
    const down = scales(-1);
    expect(down.at(-1)).toBe(1 / 8);
    expect(down).toContain(1);
    expect(down).toContain(1 / 2);
  });
});

describe('pan', () => {
  it('cannot lose the image', () => {
    const view = fit(image, canvas);
    for (const by of [1e6, -1e6]) {
      const { origin, scale } = pan(view, { x: by, y: by }, image, canvas);
      expect(origin.x).toBeLessThan(canvas.width);
      expect(origin.x + image.width * scale).toBeGreaterThan(0);
      expect(origin.y).toBeLessThan(canvas.height);
      expect(origin.y + image.height * scale).toBeGreaterThan(0);
    }
  });
});

describe('pixelAt', () => {
  const view: Viewport = { scale: 5, origin: { x: 10, y: 20 } };

  it('finds the pixel whose square holds the point', () => {
    expect(pixelAt(view, { x: 10, y: 20 }, image)).toEqual({ x: 0, y: 0 });
    expect(pixelAt(view, { x: 14.9, y: 24.9 }, image)).toEqual({ x: 0, y: 0 });
    expect(pixelAt(view, { x: 15, y: 25 }, image)).toEqual({ x: 1, y: 1 });
  });

  it('finds none beside the image', () => {
    expect(pixelAt(view, { x: 9.9, y: 30 }, image)).toBeNull();
    expect(pixelAt(view, { x: 10 + 5 * 128, y: 30 }, image)).toBeNull();
  });
});
