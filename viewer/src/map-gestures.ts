import type { Point } from './viewport.js';

export interface MapGestures {
  /** A click or tap, device pixels of the canvas. */
  onTap(at: Point): void;
  /** Dragged by so much, device pixels. */
  onPan(by: Point): void;
  /** One step in (1) or out (-1) about a point. */
  onZoom(direction: 1 | -1, at: Point): void;
  /** The mouse is over a point, or has left. */
  onHover(at: Point | null): void;
}

/** Css pixels a pointer may wander between down and up and still tap. */
const TAP_SLACK = 5;
/** Spreading or closing two fingers by this factor is one zoom step. */
const PINCH_STEP = 1.2;
/** So is this much of `deltaY`: a notch of a wheel is about 100, a trackpad sends many small ones. */
const WHEEL_STEP = 60;

/** Mouse, pen and touch on the map: tap, drag, wheel and pinch. */
export function listenToGestures(canvas: HTMLCanvasElement, gestures: MapGestures): void {
  const tracker = new GestureTracker(canvas, gestures);
  canvas.addEventListener('pointerdown', (event) => tracker.down(event));
  canvas.addEventListener('pointermove', (event) => tracker.move(event));
  canvas.addEventListener('pointerup', (event) => tracker.up(event));
  canvas.addEventListener('pointercancel', (event) => tracker.cancel(event));
  canvas.addEventListener('pointerleave', () => gestures.onHover(null));
  canvas.addEventListener('wheel', (event) => tracker.wheel(event), { passive: false });
}

class GestureTracker {
  readonly #canvas: HTMLCanvasElement;
  readonly #gestures: MapGestures;
  readonly #pointers = new Map<number, Point>();
  #wandered = 0;
  #spread = 0;
  #wheel = 0;

  constructor(canvas: HTMLCanvasElement, gestures: MapGestures) {
    this.#canvas = canvas;
    this.#gestures = gestures;
  }

  down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#canvas.setPointerCapture(event.pointerId);
    if (this.#pointers.size === 0) this.#wandered = 0;
    this.#pointers.set(event.pointerId, this.#point(event));
    this.#spread = this.#distance();
  }

  move(event: PointerEvent): void {
    const at = this.#point(event);
    const before = this.#pointers.get(event.pointerId);
    if (before === undefined) return this.#gestures.onHover(at);
    this.#pointers.set(event.pointerId, at);
    const by = { x: at.x - before.x, y: at.y - before.y };
    this.#wandered += Math.hypot(by.x, by.y) / devicePixelRatio;
    if (this.#wandered <= TAP_SLACK) return;
    const share = 1 / this.#pointers.size;
    this.#gestures.onPan({ x: by.x * share, y: by.y * share });
    if (this.#pointers.size === 2) this.#pinch();
  }

  up(event: PointerEvent): void {
    const tapped = this.#pointers.size === 1 && this.#wandered <= TAP_SLACK;
    if (this.#pointers.delete(event.pointerId) && tapped) this.#gestures.onTap(this.#point(event));
  }

  cancel(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId);
  }

  wheel(event: WheelEvent): void {
    event.preventDefault();
    this.#wheel += event.deltaY;
    if (Math.abs(this.#wheel) < WHEEL_STEP) return;
    this.#gestures.onZoom(this.#wheel < 0 ? 1 : -1, this.#point(event));
    this.#wheel = 0;
  }

  #pinch(): void {
    const spread = this.#distance();
    const [a, b] = [...this.#pointers.values()] as [Point, Point];
    const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    if (spread > this.#spread * PINCH_STEP) this.#gestures.onZoom(1, middle);
    else if (spread < this.#spread / PINCH_STEP) this.#gestures.onZoom(-1, middle);
    else return;
    this.#spread = spread;
  }

  #distance(): number {
    const [a, b] = [...this.#pointers.values()];
    return a === undefined || b === undefined ? 0 : Math.hypot(a.x - b.x, a.y - b.y);
  }

  #point(event: MouseEvent): Point {
    const box = this.#canvas.getBoundingClientRect();
    return {
      x: (event.clientX - box.left) * devicePixelRatio,
      y: (event.clientY - box.top) * devicePixelRatio,
    };
  }
}
