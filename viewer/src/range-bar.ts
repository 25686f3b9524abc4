import { context2d, matchDevicePixels, setText } from './dom.js';
import type { Range } from '../../src/colour/colour.js';
import { drawScale, type ScaleDrawing } from './scale-drawing.js';

export interface RangeBarOptions {
  /** Unit of the numbers in the fields, such as `ns`. */
  unit: string;
  /** Goes between the two fields. */
  middle?: HTMLElement;
  /** Value of one unit of the fields: 1000 for a scale in ps whose fields are in ns. */
  unitValue: number;
  /** Digits after the point in the fields. */
  digits: number;
  /** One press of an arrow key, and the narrowest range, on a scale from 0 to `reach`. */
  step(reach: number): number;
  /** null = automatic */
  onChange(range: Range | null): void;
}

export interface RangeBarContent extends Omit<ScaleDrawing, 'width' | 'height' | 'ratio'> {
  title: string;
  automatic: boolean;
  /** The map does not show this quantity at present. */
  faded: boolean;
}

const markup = `
  <header><h2></h2><button type="button" class="auto" title="Follow the picture">Auto</button></header>
  <div class="bar" title="Drag the handles; double-click: automatic">
    <canvas></canvas>
    <div class="handle" role="slider" tabindex="0" aria-label="Lower end"></div>
    <div class="handle" role="slider" tabindex="0" aria-label="Upper end"></div>
  </div>
  <div class="ends">
    <label><span class="visually-hidden">Lower end</span><input type="number" min="0" /></label>
    <span class="middle"></span>
    <label><span class="visually-hidden">Upper end</span><input type="number" min="0" /></label>
  </div>`;

type End = 'min' | 'max';

/** A scale with its histogram and a range that can be dragged, typed, moved by keys, or left automatic. */
export class RangeBar {
  readonly #root: HTMLElement;
  readonly #options: RangeBarOptions;
  readonly #title: HTMLElement;
  readonly #auto: HTMLButtonElement;
  readonly #bar: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #handles: Record<End, HTMLElement>;
  readonly #fields: Record<End, HTMLInputElement>;
  #content: RangeBarContent | null = null;

  constructor(root: HTMLElement, options: RangeBarOptions) {
    root.innerHTML = markup;
    this.#root = root;
    this.#options = options;
    this.#title = root.querySelector('h2')!;
    this.#auto = root.querySelector('button')!;
    this.#bar = root.querySelector<HTMLElement>('.bar')!;
    this.#canvas = root.querySelector('canvas')!;
    this.#context = context2d(this.#canvas);
    const [min, max] = root.querySelectorAll<HTMLElement>('.handle');
    this.#handles = { min, max };
    const [minField, maxField] = root.querySelectorAll('input');
    this.#fields = { min: minField, max: maxField };
    if (options.middle !== undefined) root.querySelector('.middle')!.append(options.middle);
    this.#listen();
  }

  show(content: RangeBarContent): void {
    this.#content = content;
    setText(this.#title, content.title);
    this.#root.dataset.faded = String(content.faded);
    this.#auto.setAttribute('aria-pressed', String(content.automatic));
    this.#showEnd('min');
    this.#showEnd('max');
    drawScale(this.#context, { ...content, ...matchDevicePixels(this.#canvas) });
  }

  #showEnd(end: End): void {
    const { range, reach } = this.#content!;
    const { unit, unitValue, digits } = this.#options;
    const text = (range[end] / unitValue).toFixed(digits);
    const handle = this.#handles[end];
    handle.style.left = `${(100 * range[end]) / reach}%`;
    handle.setAttribute('aria-valuemin', '0');
    handle.setAttribute('aria-valuemax', String(reach / unitValue));
    handle.setAttribute('aria-valuenow', text);
    handle.setAttribute('aria-valuetext', `${text} ${unit}`);
    const field = this.#fields[end];
    field.step = String(this.#step / unitValue);
    // Not under the fingers of whoever types.
    if (document.activeElement !== field && field.value !== text) field.value = text;
  }

  #listen(): void {
    this.#auto.addEventListener('click', () => {
      this.#options.onChange(this.#content?.automatic === true ? this.#content.range : null);
    });
    this.#bar.addEventListener('dblclick', () => this.#options.onChange(null));
    for (const end of ['min', 'max'] as const) {
      this.#handles[end].addEventListener('pointerdown', (event) => this.#grab(end, event));
      this.#handles[end].addEventListener('keydown', (event) => this.#onKey(end, event));
      this.#fields[end].addEventListener('change', () => this.#onField(end));
    }
    this.#canvas.addEventListener('pointerdown', (event) => this.#grab(this.#nearerEnd(event), event));
  }

  /** Moves one end, at least a step away from the other, within the scale. */
  #set(end: End, value: number): void {
    if (this.#content === null) return;
    const { range } = this.#content;
    const step = this.#step;
    const rounded = Math.round(value / step) * step;
    const moved =
      end === 'min'
        ? { min: Math.max(0, Math.min(rounded, range.max - step)), max: range.max }
        : { min: range.min, max: Math.max(rounded, range.min + step) };
    this.#options.onChange(moved);
  }

  #grab(end: End, down: PointerEvent): void {
    if (down.button !== 0) return;
    down.preventDefault();
    const handle = this.#handles[end];
    handle.focus();
    handle.setPointerCapture(down.pointerId);
    const move = (event: PointerEvent): void => this.#set(end, Math.min(this.#valueAt(event), this.#reach));
    const release = (): void => {
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('pointerup', release);
      handle.removeEventListener('pointercancel', release);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', release);
    handle.addEventListener('pointercancel', release);
  }

  #onKey(end: End, event: KeyboardEvent): void {
    if (this.#content === null) return;
    const value = this.#content.range[end];
    const step = this.#step;
    const targets: Record<string, number> = {
      ArrowLeft: value - step,
      ArrowDown: value - step,
      ArrowRight: value + step,
      ArrowUp: value + step,
      PageDown: value - 10 * step,
      PageUp: value + 10 * step,
      Home: 0,
      End: this.#reach,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.#set(end, target);
  }

  #onField(end: End): void {
    const value = this.#fields[end].valueAsNumber;
    if (Number.isFinite(value)) this.#set(end, value * this.#options.unitValue);
    this.#showEnd(end);
  }

  get #step(): number {
    return this.#options.step(this.#reach);
  }

  get #reach(): number {
    return this.#content?.reach ?? 1;
  }

  #valueAt(event: PointerEvent): number {
    const box = this.#bar.getBoundingClientRect();
    return (this.#reach * (event.clientX - box.left)) / box.width;
  }

  #nearerEnd(event: PointerEvent): End {
    const { min, max } = this.#content?.range ?? { min: 0, max: 1 };
    return this.#valueAt(event) < (min + max) / 2 ? 'min' : 'max';
  }
}
