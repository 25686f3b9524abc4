/** One frame inside the device: histograms u16 `[y][x][bin]` and the planes the lifetime core makes of them. */
export interface FramePlanes {
  readonly width: number;
  readonly height: number;
  readonly bins: number;
  readonly histograms: Uint16Array;
  /** u16 ps, 0 = no valid estimate; empty where the device has no network. */
  readonly lifetimeAmplitude: Uint16Array;
  readonly lifetimeIntensity: Uint16Array;
  readonly standardErrorAmplitude: Uint16Array;
  readonly standardErrorIntensity: Uint16Array;
  readonly photons: Uint32Array;
}

export function createFramePlanes(
  width: number,
  height: number,
  bins: number,
  withLifetimes: boolean,
): FramePlanes {
  const pixels = width * height;
  const lifetimes = withLifetimes ? pixels : 0;
  return {
    width,
    height,
    bins,
    histograms: new Uint16Array(pixels * bins),
    lifetimeAmplitude: new Uint16Array(lifetimes),
    lifetimeIntensity: new Uint16Array(lifetimes),
    standardErrorAmplitude: new Uint16Array(lifetimes),
    standardErrorIntensity: new Uint16Array(lifetimes),
    photons: new Uint32Array(lifetimes),
  };
}
