/** Ms between two updates of what is read rather than watched: numbers, histograms, badges. */
const TICK_MS = 100;

/**
 * Calls `paint` with every animation frame and `tick` about ten times a second. Hidden pages get
 * neither: they catch up with the newest frame when they are shown again.
 */
export function startFrameLoop(paint: () => void, tick: () => void): void {
  let nextTick = 0;
  const step = (time: number): void => {
    paint();
    if (time >= nextTick) {
      nextTick = time + TICK_MS;
      tick();
    }
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}
