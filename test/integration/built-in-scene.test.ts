import { afterEach, describe, expect, it } from 'vitest';
import { parseSimOptions, PixelKind, truthMaps } from '../../src/camera-sim/index.js';
import type { LifetimeFrame } from '../../src/client/index.js';
import { connectClient, FlimdProcess, nextFrame, stopAll } from '../support/flimd-process.js';
import { correlation, median } from '../../src/evaluation/statistics.js';

afterEach(stopAll);

const enoughPhotons = 200;

/** Relative error of one plane against the truth, over pixels of cells with enough photons. */
function errorsOf(frame: LifetimeFrame, plane: string, truthPs: Float32Array, kind: Uint8Array) {
  const found = frame.planes[plane]!;
  const photons = frame.planes.photons!;
  const pixels = Array.from(kind, (_, pixel) => pixel).filter(
    (pixel) => kind[pixel] !== PixelKind.between && photons[pixel]! >= enoughPhotons,
  );
  const valid = pixels.filter((pixel) => found[pixel]! > 0);
  const relative = valid.map((pixel) => found[pixel]! / truthPs[pixel]! - 1);
  return {
    pixels: pixels.length,
    invalid: 1 - valid.length / pixels.length,
    medianError: median(relative),
    medianAbsoluteError: median(relative.map(Math.abs)),
    correlation: correlation(
      valid.map((pixel) => found[pixel]!),
      valid.map((pixel) => truthPs[pixel]!),
    ),
  };
}

describe('the built-in scene, embedded camera to client', () => {
  it.each(['device', 'host'] as const)('shows its true lifetimes, computed by the %s', async (mode) => {
    const options = { photons: '1000', fps: '10', seed: '7' };
    const camera = `sim:${new URLSearchParams(options).toString()}`;
    const daemon = await FlimdProcess.start(['serve', '--camera', camera, '--lifetime', mode, '--port', '0']);
    const client = connectClient(daemon.ready.url);
    const frame = await nextFrame(client, ({ complete, frame: number }) => complete && number >= 3);
    client.close();
    expect(await daemon.stop()).toBe(0);

    expect(frame.source).toBe(mode);
    const truth = truthMaps(parseSimOptions(options), frame.frame);
    const amplitude = errorsOf(frame, 'meanLifetimeAmplitude', truth.tauAmpPs, truth.kind);
    const intensity = errorsOf(frame, 'meanLifetimeIntensity', truth.tauIntPs, truth.kind);
    console.log(`built-in scene, ${mode}:`, JSON.stringify({ amplitude, intensity }));
    for (const [result, tolerance] of [
      [amplitude, 0.07],
      [intensity, 0.05],
    ] as const) {
      expect(result.pixels).toBeGreaterThan(2000);
      expect(result.invalid).toBeLessThan(0.02);
      expect(Math.abs(result.medianError)).toBeLessThan(tolerance);
      expect(result.medianAbsoluteError).toBeLessThan(0.1);
      expect(result.correlation).toBeGreaterThan(0.9);
    }
  });

  it('moves', async () => {
    const options = parseSimOptions({ seed: '7', fps: '10' });
    const now = truthMaps(options, 0);
    const later = truthMaps(options, 20);
    const changed = now.tauIntPs.filter((tau, pixel) => Math.abs(tau - later.tauIntPs[pixel]!) > 20).length;
    expect(changed).toBeGreaterThan(now.tauIntPs.length / 20);
  });
});
