import { tauOfIndex } from '../photons/decay-model.js';
import { type CellScene, createSceneRow } from './cell-scene.js';

/** What the built-in scene really is at a frame; maps are row-major `[y][x]`. */
export interface TruthMaps {
  width: number;
  height: number;
  /** Amplitude-weighted mean lifetime, ps: 1 / Σ (f / tau) over the photon shares f. */
  tauAmpPs: Float32Array;
  /** Intensity-weighted mean lifetime, ps: Σ f · tau. */
  tauIntPs: Float32Array;
  /** Mean photons a frame without background and dark counts. */
  photons: Float32Array;
  /** PixelKind: 0 between the cells, 1 cytoplasm, 2 nucleus, 3 granule. */
  kind: Uint8Array;
}

/** `signalPhotons`: mean photons per frame of a pixel of brightness 1. */
export function truthOfScene(scene: CellScene, seconds: number, signalPhotons: number): TruthMaps {
  const { width, height } = scene;
  const maps: TruthMaps = {
    width,
    height,
    tauAmpPs: new Float32Array(width * height),
    tauIntPs: new Float32Array(width * height),
    photons: new Float32Array(width * height),
    kind: new Uint8Array(width * height),
  };
  const row = createSceneRow(width);
  scene.begin(seconds);
  for (let y = 0; y < height; y++) {
    scene.row(y, row);
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const share = row.shortShare[x]!;
      const shortPs = tauOfIndex(row.shortTau[x]!);
      const longPs = tauOfIndex(row.longTau[x]!);
      maps.tauAmpPs[at] = 1 / (share / shortPs + (1 - share) / longPs);
      maps.tauIntPs[at] = share * shortPs + (1 - share) * longPs;
      maps.photons[at] = row.brightness[x]! * signalPhotons;
      maps.kind[at] = row.kind[x]!;
    }
  }
  return maps;
}
