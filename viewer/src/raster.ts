import {
  ColourTable,
  invalidColour,
  missingColour,
  packRgba,
  type DisplayMode,
} from '../../src/colour/colour.js';

/** One frame as the map shows it: planes row-major `[y][x]`. */
export interface MapFrame {
  width: number;
  height: number;
  /** The mean lifetime chosen for display, ps; 0 = no valid estimate. */
  lifetime: Uint16Array;
  /** Standard error of `lifetime`, ps; null where the series has none. */
  error: Uint16Array | null;
  photons: Uint32Array;
  /** One byte a row, 0 = missing; null where all rows are there. */
  rowsValid: Uint8Array | null;
}

const HATCH = 4;

/** The hatches repeat after four pixels either way. */
function hatchTile(colourAt: typeof invalidColour): Uint32Array {
  return Uint32Array.from({ length: HATCH * HATCH }, (_, i) =>
    packRgba(colourAt(i % HATCH, (i / HATCH) | 0)),
  );
}

const invalidTile = hatchTile(invalidColour);
const missingTile = hatchTile(missingColour);

/** Paints a frame into `width * height` RGBA words. Allocates nothing. */
export function paintMap(target: Uint32Array, frame: MapFrame, table: ColourTable, mode: DisplayMode): void {
  const { width, height, lifetime, photons, rowsValid } = frame;
  const error = table.showsErrors ? frame.error : null;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const tile = (y % HATCH) * HATCH;
    if (rowsValid !== null && rowsValid[y] === 0) {
      for (let x = 0; x < width; x++) target[row + x] = missingTile[tile + (x % HATCH)];
      continue;
    }
    for (let x = 0; x < width; x++) {
      const at = row + x;
      const tauPs = lifetime[at];
      if (tauPs === 0 && mode !== 'intensity') target[at] = invalidTile[tile + (x % HATCH)];
      else if (error === null) target[at] = table.rgba(tauPs, photons[at]);
      else target[at] = table.rgbaWithError(tauPs, photons[at], error[at]);
    }
  }
}
