import { describe, expect, it } from 'vitest';
import { createSceneSource, truthMaps } from '../../src/camera-sim/built-in-scene.js';
import type { PhotonSource } from '../../src/camera-sim/frame-renderer.js';
import { defaultSimOptions, type SimOptions } from '../../src/camera-sim/options.js';
import { binProbabilities, tauOfIndex } from '../../src/camera-sim/photons/decay-model.js';
import { equal } from './host.js';
import { CellScene, createSceneRow, PixelKind } from '../../src/camera-sim/scene/cell-scene.js';

const optionsWith = (changes: Partial<SimOptions>): SimOptions => ({
  ...defaultSimOptions(),
  width: 48,
  height: 40,
  ...changes,
});

function expose(source: PhotonSource, frame: number, bandRows = source.height): Uint16Array {
  const histograms = new Uint16Array(source.width * source.height * source.bins);
  const tally = { total: 0, peak: 0 };
  source.begin(frame);
  for (let row = 0; row < source.height; row += bandRows) {
    source.expose(row, Math.min(bandRows, source.height - row), histograms, tally);
  }
  expect(tally.total).toBe(histograms.reduce((sum, count) => sum + count, 0));
  return histograms;
}

/** Photons per frame and bin of an image row, out of the scene and the closed form of the decay. */
function expectedRow(options: SimOptions, scene: CellScene, frame: number, y: number): Float64Array {
  const { width, bins, irfCentrePs, irfFwhmPs, background, darkCounts } = options;
  const laserPeriodPs = options.laserPeriodPs ?? 12_500;
  const binWidthPs = options.binWidthPs ?? laserPeriodPs / bins;
  const timing = { bins, binWidthPs, laserPeriodPs, irfCentrePs, irfFwhmPs };
  const decays = new Map<number, Float64Array>();
  const decayOf = (index: number): Float64Array => {
    if (!decays.has(index)) decays.set(index, binProbabilities(tauOfIndex(index), timing));
    return decays.get(index)!;
  };
  const row = createSceneRow(width);
  scene.begin(frame / options.fps);
  scene.row(y, row);
  const expected = new Float64Array(bins);
  for (let x = 0; x < width; x++) {
    const photons = row.brightness[x]! * options.photons!;
    const share = row.shortShare[x]!;
    const short = decayOf(row.shortTau[x]!);
    const long = decayOf(row.longTau[x]!);
    for (let bin = 0; bin < bins; bin++) {
      const signal = share * short[bin]! + (1 - share) * long[bin]!;
      const any = binWidthPs / laserPeriodPs;
      expected[bin]! += photons * ((1 - background) * signal + background * any) + darkCounts * any;
    }
  }
  return expected;
}

describe('photons of the built-in scene', () => {
  const options = optionsWith({ photons: 300, background: 0.1, darkCounts: 8 });
  const row = 17;
  const frames = 200;
  const source = createSceneSource(options);
  const rowCounts = (frame: number): Uint16Array => {
    const histograms = new Uint16Array(source.width * source.height * source.bins);
    source.begin(frame);
    source.expose(row, 1, histograms, { total: 0, peak: 0 });
    return histograms.subarray(row * source.width * source.bins, (row + 1) * source.width * source.bins);
  };

  it('have the decay of the closed form: response, lifetimes, wrap-around, background, dark counts', () => {
    const measured = new Float64Array(options.bins);
    const expected = new Float64Array(options.bins);
    const scene = new CellScene(options.width, options.height, options.seed);
    for (let frame = 0; frame < frames; frame++) {
      rowCounts(frame).forEach((count, i) => (measured[i % options.bins]! += count));
      if (frame % 10 === 0)
        expectedRow(options, scene, frame, row).forEach((mean, bin) => (expected[bin]! += 10 * mean));
    }
    // The scene moves slowly enough to be looked at every tenth frame; its total is compared to 0.5 %, its shape by χ².
    const scale = sumOf(measured) / sumOf(expected);
    expect(Math.abs(scale - 1)).toBeLessThan(0.005);
    const chi2 = measured.reduce(
      (sum, count, bin) => sum + (count - scale * expected[bin]!) ** 2 / expected[bin]!,
      0,
    );
    // 63 degrees of freedom, standard deviation 11.2; five of them.
    expect(Math.abs(chi2 - 63)).toBeLessThan(56);
  });

  it('fluctuate as Poisson numbers do', () => {
    const fixed = optionsWith({ photons: 40, background: 0, darkCounts: 0 });
    // Frames 1e-6 s apart show the same scene with other photons.
    const still = createSceneSource({ ...fixed, fps: 1e6 });
    const pixels = fixed.width * fixed.height;
    const first = new Float64Array(pixels);
    const second = new Float64Array(pixels);
    const runs = 150;
    for (let run = 0; run < runs; run++) {
      const counts = photonsPerPixel(expose(still, run), fixed.bins);
      counts.forEach((count, pixel) => {
        first[pixel]! += count / runs;
        second[pixel]! += (count * count) / runs;
      });
    }
    const mean = sumOf(first) / pixels;
    const variance = first.reduce((sum, value, pixel) => sum + second[pixel]! - value * value, 0) / pixels;
    const unbiased = (variance * runs) / (runs - 1);
    // Some 2000 pixels × 150 exposures: the ratio is known to 0.3 %.
    expect(Math.abs(unbiased / mean - 1)).toBeLessThan(0.015);
  });

  it('do not depend on how rows are grouped, nor on the frames before', () => {
    const whole = expose(source, 5);
    expect(equal(expose(createSceneSource(options), 5, 7), whole)).toBe(true);
    expose(source, 99, 3);
    expect(equal(expose(source, 5, 1), whole)).toBe(true);
  });

  it('differ from frame to frame and from seed to seed', () => {
    expect(equal(expose(source, 6), expose(source, 5))).toBe(false);
    expect(equal(expose(createSceneSource({ ...options, seed: 2 }), 5), expose(source, 5))).toBe(false);
  });
});

describe('the ground truth of the built-in scene', () => {
  it('agrees with the moments of decays of many photons', () => {
    // A period so long that nothing wraps around, a sharp response at the start, and no background: the mean
    // arrival time is the intensity-weighted mean lifetime, the rate just after the pulse the amplitude-weighted.
    const binWidthPs = 30;
    const options = optionsWith({
      photons: 4000,
      background: 0,
      darkCounts: 0,
      laserPeriodPs: 60_000,
      bins: 2000,
      binWidthPs,
      irfFwhmPs: 1,
      irfCentrePs: 30,
    });
    const truth = truthMaps(options, 3);
    const counts = expose(createSceneSource(options), 3);
    const cells = [...truth.kind.keys()].filter((pixel) => truth.photons[pixel]! > 1500);
    expect(cells.length).toBeGreaterThan(300);
    let arrival = 0;
    let early = 0;
    for (const pixel of cells) {
      const decay = counts.subarray(pixel * options.bins, (pixel + 1) * options.bins);
      const photons = sumOf(decay);
      const mean =
        decay.reduce((sum, count, bin) => sum + count * ((bin + 0.5) * binWidthPs - 30), 0) / photons;
      arrival += mean / truth.tauIntPs[pixel]! / cells.length;
      early += decay[1]! / photons / (binWidthPs / truth.tauAmpPs[pixel]!) / cells.length;
      // One pixel: the spread of arrival times is about one lifetime.
      expect(Math.abs(mean / truth.tauIntPs[pixel]! - 1)).toBeLessThan(6 / Math.sqrt(photons));
    }
    expect(Math.abs(arrival - 1)).toBeLessThan(0.003);
    // Over one bin the rate falls by half a bin width per lifetime: 0.5 to 3 %.
    expect(early).toBeGreaterThan(0.96);
    expect(early).toBeLessThan(1.005);
  });

  it('gives the mean photons of every pixel', () => {
    const options = optionsWith({ photons: 500, background: 0.2, darkCounts: 0 });
    const truth = truthMaps(options, 0);
    const counts = photonsPerPixel(expose(createSceneSource(options), 0), options.bins);
    const expected = truth.photons.reduce((sum, photons) => sum + photons / 0.8, 0);
    expect(Math.abs(sumOf(counts) / expected - 1)).toBeLessThan(0.01);
  });

  it('spans the lifetimes of a real field of cells, in cytoplasm, nuclei, granules and between', () => {
    const { tauAmpPs, kind, photons } = truthMaps({ ...defaultSimOptions() }, 0);
    const inCells = tauAmpPs.filter((_, pixel) => kind[pixel] !== PixelKind.between).sort();
    expect(inCells[Math.floor(inCells.length * 0.02)]).toBeLessThan(1200);
    expect(inCells[Math.floor(inCells.length * 0.98)]).toBeGreaterThan(3200);
    expect(inCells[0]).toBeGreaterThan(500);
    expect(inCells.at(-1)).toBeLessThan(4500);
    for (const each of Object.values(PixelKind)) {
      expect(kind.filter((value) => value === each).length).toBeGreaterThan(100);
    }
    // Between the cells are too few photons for a lifetime.
    const between = photons.filter((_, pixel) => kind[pixel] === PixelKind.between);
    expect(between.reduce((most, value) => Math.max(most, value), 0)).toBeLessThan(51);
    expect(sumOf(between) / between.length).toBeLessThan(20);
  });

  it('moves: places and lifetimes change within seconds, not within a frame', () => {
    const at = (frame: number) => truthMaps({ ...defaultSimOptions() }, frame);
    const change = (a: Float32Array, b: Float32Array) =>
      a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / sumOf(a);
    expect(change(at(0).tauAmpPs, at(1).tauAmpPs)).toBeLessThan(0.05);
    expect(change(at(0).tauAmpPs, at(20).tauAmpPs)).toBeGreaterThan(0.02);
    expect(change(at(0).photons, at(20).photons)).toBeGreaterThan(0.03);
  });

  it.each([
    [8, 8],
    [512, 64],
    [40, 300],
  ])('scales to %i × %i pixels', (width, height) => {
    const options = optionsWith({ width, height });
    const truth = truthMaps(options, 12);
    expect(truth.tauAmpPs.every((tau) => tau > 300 && tau < 5000)).toBe(true);
    expect(sumOf(expose(createSceneSource(options), 12))).toBeGreaterThan(width * height * 10);
  });

  it('refuses a window longer than the laser period', () => {
    expect(() => createSceneSource(optionsWith({ bins: 65, binWidthPs: 195.3125 }))).toThrowError(
      /longer than the laser period/,
    );
    expect(() => createSceneSource(optionsWith({ irfCentrePs: 12_500 }))).toThrowError(
      /outside the laser period/,
    );
  });
});

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}

function photonsPerPixel(histograms: Uint16Array, bins: number): Float64Array {
  const photons = new Float64Array(histograms.length / bins);
  histograms.forEach((count, i) => (photons[Math.floor(i / bins)]! += count));
  return photons;
}
