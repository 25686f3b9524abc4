/** The element of index.html with this data-testid: the page and its modules share these names with the tests. */
export function part<T extends Element = HTMLElement>(name: string): T {
  const element = document.querySelector<T>(`[data-testid="${name}"]`);
  if (element === null) throw new Error(`index.html has no part called ${name}`);
  return element;
}

/** Sets a text only where it differs: most readouts stand still most of the time. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A canvas whose backing store has one pixel per device pixel; returns that size, in device pixels. */
export function matchDevicePixels(canvas: HTMLCanvasElement): {
  width: number;
  height: number;
  ratio: number;
} {
  const ratio = devicePixelRatio;
  const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  const height = Math.max(1, Math.round(canvas.clientHeight * ratio));
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  return { width, height, ratio };
}

export function context2d(
  canvas: HTMLCanvasElement,
  options?: CanvasRenderingContext2DSettings,
): CanvasRenderingContext2D {
  const context = canvas.getContext('2d', options);
  if (context === null) throw new Error('this browser has no 2D canvas');
  return context;
}
