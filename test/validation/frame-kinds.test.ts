import { beforeAll, describe, expect, it } from 'vitest';
import { loadNamedModel } from '../../src/lifetime/model-library.js';
import { gateCounts } from '../../src/lifetime/reference.js';
import { fixedPoint } from '../../src/protocol/fixed-point.js';
import type { CameraDescription } from '../../src/protocol/stream.js';
import { Random } from '../../src/random/random.js';
import {
  type FrameKind,
  frameKinds,
  type FrameTerms,
  frameTerms,
  makeFrame,
} from '../../src/validation/frame-kinds.js';
import { LifetimeJudge } from '../../src/validation/lifetime-judge.js';

/** The window of cells-sdt does not fill its bins: some are in no gate. */
const camera: CameraDescription = {
  ...{ uri: 'sim:', kind: 'virtual', serial: 'X', firmware: '1.0.0', bitstreamId: '5a' },
  ...{ width: 24, height: 20, bins: 256, binWidthPs: 48.828, laserPeriodPs: 13157.895 },
  ...{ outputs: ['lifetimes', 'histograms', 'standardErrors'], modelHash: null, tickHz: 1e8 },
};
const MIN_PHOTONS = 91;
const sameCounts = (a: Uint16Array, b: Uint16Array): boolean =>
  Buffer.compare(new Uint8Array(a.buffer), new Uint8Array(b.buffer)) === 0;

describe('frames to inject', () => {
  let judge: LifetimeJudge;
  let terms: FrameTerms;
  const frameOf = (kind: FrameKind, seed = 1): Uint16Array => makeFrame(kind, new Random(seed), terms);
  /** Photons of every pixel inside the gates. */
  const photonsOf = (frame: Uint16Array): number[] =>
    Array.from({ length: terms.pixels }, (_, pixel) =>
      gateCounts(frame, pixel, judge.plan).reduce((sum, count) => sum + count, 0),
    );

  beforeAll(async () => {
    judge = new LifetimeJudge(await loadNamedModel('cells-sdt'), camera);
    terms = frameTerms(camera, judge, MIN_PHOTONS);
  });

  it('are decided by their seed', () => {
    for (const kind of frameKinds(terms).filter((each) => !['empty', 'saturated'].includes(each))) {
      expect(sameCounts(frameOf(kind, 3), frameOf(kind, 3))).toBe(true);
      expect(sameCounts(frameOf(kind, 3), frameOf(kind, 4))).toBe(false);
    }
  });

  it('lie on both sides of the limits that they are for', () => {
    const low = photonsOf(frameOf('around minPhotons'));
    expect([Math.min(...low), Math.max(...low)]).toEqual([MIN_PHOTONS - 2, MIN_PHOTONS + 2]);
    const high = photonsOf(frameOf('around 2^20 photons'));
    expect([Math.min(...high), Math.max(...high)]).toEqual([
      fixedPoint.maxPhotons - 2,
      fixedPoint.maxPhotons + 2,
    ]);
  });

  it('have photons outside the gates, which do not count', () => {
    expect(terms.otherBins.length).toBeGreaterThan(0);
    const frame = frameOf('around minPhotons');
    const outside = terms.otherBins.reduce((sum, bin) => sum + frame[bin]!, 0);
    expect(outside).toBeGreaterThan(MIN_PHOTONS);
  });

  it.each(['decays', 'around 2^20 photons', 'one bin'] as const)(
    'of kind %s are no row of zeros',
    async (kind) => {
      const pixels = terms.pixels;
      const none = () => new Uint16Array(pixels);
      const { valid } = await judge.judge({
        histograms: frameOf(kind),
        device: {
          ...{ lifetimeAmplitude: none(), lifetimeIntensity: none(), photons: new Uint32Array(pixels) },
          ...{ standardErrorAmplitude: none(), standardErrorIntensity: none() },
        },
        ...{
          rowsValid: new Uint8Array(camera.height).fill(1),
          minPhotons: 0,
          standardErrors: true,
          sample: [0],
        },
      });
      expect(valid).toBeGreaterThan(pixels / 4);
    },
  );

  it('leave out the limit of 2^20 where the bins cannot hold so many', () => {
    expect(frameKinds({ gateBins: [1, 2, 3] })).not.toContain('around 2^20 photons');
  });
});
