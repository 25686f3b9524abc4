import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Instrument } from '../../src/evaluation/instrument.js';
import { PhasorPlot, PROMPT_PERIODS } from '../../src/evaluation/phasor.js';
import { OutputFiles } from '../../src/export/output-files.js';
import { TiffWriter } from '../../src/export/tiff-writer.js';
import { RecordingReader } from '../../src/recording/recording-reader.js';
import { evenGates } from '../../src/training/option-text.js';
import { exactPrior } from '../evaluation/known-decays.js';
import { temporaryFolder } from '../recording/recording-fixture.js';
import { askPython, lacksPython } from '../support/python.js';
import {
  BIN_WIDTH_PS,
  cameraShape,
  exportAs,
  LASER_PERIOD_PS,
  PARTIAL_FRAME,
  recordCamera,
} from './export-fixture.js';

const FRAMES = 3;
const PIXEL_UM = 0.325;
const { width, height, bins } = cameraShape;
const planes = [
  'meanLifetimeAmplitude',
  'meanLifetimeIntensity',
  'photons',
  'standardErrorAmplitude',
  'standardErrorIntensity',
];
const allEqual = Object.fromEntries(planes.map((plane) => [plane, true]));

/** The decay that a lifetime of zero would leave, as flimd's own phasors take it. */
const instrument = new Instrument(
  exactPrior({ gatesFs: evenGates(bins, BIN_WIDTH_PS, 0), background: [0, 0] }),
);
const prompt = instrument.lightInGates(PROMPT_PERIODS * LASER_PERIOD_PS);

async function writeBigTiff(file: string): Promise<void> {
  const outputs = new OutputFiles(false, file);
  const output = await outputs.create(file);
  const options = { bigTiff: true, compress: false, pixelUm: 0.5, software: 'test' };
  const tiff = await TiffWriter.begin(output, { width: 3, height: 2, bits: 16, count: 2 }, options);
  await tiff.addPages(Uint16Array.from({ length: 12 }, (_, at) => at * 1000));
  await tiff.finish(['two ', 'pages']);
  await outputs.commit();
}

const withPackages = ['h5py', 'tifffile', 'phasorpy', 'ome_types', 'xmlschema', 'PIL'];
describe.skipIf(lacksPython('exports read by other programs', withPackages))(
  'programs of other makes read',
  () => {
    const folder = temporaryFolder();
    const named = (name: string): string => path.join(folder.folder, name);
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    let facts: any;

    beforeAll(async () => {
      const run = named('run.h5');
      await recordCamera(run, FRAMES);
      await exportAs(run, 'ome-tiff', { histograms: true, pixelUm: PIXEL_UM });
      const packed = { histograms: true, compress: true, pixelUm: PIXEL_UM, out: named('packed.ome.tiff') };
      await exportAs(run, 'ome-tiff', packed);
      await exportAs(run, 'ome-tiff', {
        histograms: true,
        pixelUm: PIXEL_UM,
        sum: true,
        out: named('summed'),
      });
      await exportAs(run, 'npy', { histograms: true });
      await exportAs(run, 'npz', { histograms: true, out: named('zipped.npz') });
      await exportAs(run, 'npz', { histograms: true, compress: true, out: named('deflated') });
      await exportAs(run, 'pqbin', { pixelUm: PIXEL_UM });
      await writeBigTiff(named('big.tif'));
      writeFileSync(named('prompt.json'), JSON.stringify([...prompt]));
      facts = askPython(path.join(import.meta.dirname, 'read_exports.py'), folder.folder);
      return () => folder.remove();
    });

    it.each(['maps', 'packedMaps'])('maps as OME-TIFF (%s)', (name) => {
      expect(facts.h5).toEqual({ channels: [...planes].sort(), shape: [FRAMES, height, width, bins] });
      expect(facts[name]).toMatchObject({
        series: 1,
        axes: 'TCYX',
        shape: [FRAMES, 5, height, width],
        dtype: 'uint32',
        bigTiff: false,
        compression: name === 'maps' ? 'NONE' : 'ADOBE_DEFLATE',
        orientation: 'TOPLEFT',
        channels: [
          'Mean lifetime, amplitude-weighted (ps)',
          'Mean lifetime, intensity-weighted (ps)',
          'Standard error of the amplitude-weighted mean lifetime (ps)',
          'Standard error of the intensity-weighted mean lifetime (ps)',
          'Photons',
        ],
        equal: allEqual,
        pillow: true,
        modulo: null,
        sizeT: FRAMES,
        pixelSize: [PIXEL_UM, 'µm'],
        acquired: '2025-10-09T08:53:20+00:00',
      });
      const planesInOrder = [0, 1, 2].flatMap((t) => [0, 1, 2, 3, 4].map((c) => [t, c, t / 10, 0.099]));
      expect(facts[name].deltaT).toEqual(planesInOrder);
      const [[perCm, per], unit] = facts[name].resolution;
      expect(unit).toBe('CENTIMETER');
      expect(1e4 / (perCm / per)).toBeCloseTo(PIXEL_UM, 9);
    });

    it.each(['decays', 'packedDecays'])('histograms as OME-TIFF with a lifetime axis (%s)', (name) => {
      expect(facts[name]).toMatchObject({
        series: 1,
        axes: 'THYX',
        shape: [FRAMES, bins, height, width],
        dtype: 'uint16',
        equal: true,
        pillow: true,
        orientation: 'TOPLEFT',
        channels: ['Photons'],
        sizeT: FRAMES * bins,
        pixelSize: [PIXEL_UM, 'µm'],
        modulo: {
          Type: 'lifetime',
          TypeDescription: 'TCSPC',
          Unit: 'ps',
          Start: '0',
          Step: '195.3125',
          End: String((bins - 1) * BIN_WIDTH_PS),
        },
      });
      expect(facts[name].deltaT).toEqual([0, 1, 2].map((frame) => [frame * bins, 0, frame / 10, 0.099]));
    });

    it('the sum of the histograms as OME-TIFF', () => {
      const shape = [bins, height, width];
      expect(facts.summedDecays).toMatchObject({ axes: 'HYX', shape, dtype: 'uint32', equal: true });
      expect(facts.summedDecays.deltaT).toEqual([[0, 0, 0, 0.297]]);
    });

    it('BigTIFF', () => {
      const values = Array.from({ length: 12 }, (_, at) => at * 1000);
      expect(facts.big).toEqual({ bigTiff: true, resolution: [1e9, 5e4], values, pillow: values });
    });

    it.each(['npy', 'zipped', 'deflated'])('arrays of NumPy (%s)', (name) => {
      const rowsValid = Array.from(
        { length: FRAMES },
        (_, frame) => height - Number(frame === PARTIAL_FRAME),
      );
      expect(facts[name]).toMatchObject({
        asTold: true,
        cOrder: true,
        equal: { ...allEqual, histograms: true },
        units: {
          meanLifetimeAmplitude: 'ps',
          standardErrorIntensity: 'ps',
          photons: 'photons',
          frameStart: 's',
        },
        binWidthPs: BIN_WIDTH_PS,
        laserPeriodPs: LASER_PERIOD_PS,
        frameNumber: [10, 11, 12],
        frameStart: [0, 0.1, 0.2],
        rowsValid,
      });
    });

    it("PicoQuant's histograms", () => {
      expect(facts.pqbin).toMatchObject({
        dims: ['Y', 'X', 'H'],
        equal: true,
        dtype: 'uint32',
        frequencyMHz: 80,
      });
      expect(facts.pqbin.binWidthNs).toBeCloseTo(BIN_WIDTH_PS / 1000, 7);
      expect(facts.pqbin.secondBinNs).toBeCloseTo(BIN_WIDTH_PS / 1000, 7);
      expect(facts.pqbin.pixelUm).toBeCloseTo(PIXEL_UM, 7);
    });

    it('phasors of the whole that are those of flimd', async () => {
      const recording = await RecordingReader.open(named('run.h5'));
      const decay = new Uint32Array(bins);
      for (let frame = 0; frame < FRAMES; frame++) {
        recording.histograms(frame).forEach((photons, at) => (decay[at % bins]! += photons));
      }
      recording.close();
      const { g, s } = new PhasorPlot(instrument).ofPixel(decay);
      expect(g).toBeGreaterThan(0.1);
      expect(s).toBeGreaterThan(0.3);
      for (const [real, imaginary] of [facts.phasor, facts.tiffPhasor]) {
        expect(real).toBeCloseTo(g, 12);
        expect(imaginary).toBeCloseTo(s, 12);
      }
    });
  },
);

const cells = path.resolve(import.meta.dirname, '../../../shared/data/cells-sdt');
const withoutCells = !existsSync(cells);
if (withoutCells) console.log(`skipped: the recording cells-sdt is not at ${cells}`);

describe.skipIf(
  withoutCells || lacksPython('exports of SDT read by other programs', ['tifffile', 'phasorpy']),
)('programs of other makes read an SDT file', () => {
  it('with the photons of its reference, in every format that has histograms', async () => {
    const { folder, remove } = temporaryFolder();
    const out = path.join(folder, 'cells');
    const file = path.join(cells, 'tcspc.sdt.zip');
    await exportAs(file, 'ome-tiff', { histograms: true, out });
    await exportAs(file, 'npz', { histograms: true, compress: true, out });
    await exportAs(file, 'pqbin', { out });
    const exported = ['.decays.ome.tif', '.npz', '.bin'].map((suffix) => out + suffix);
    const script = path.join(import.meta.dirname, 'same_cubes.py');
    expect(askPython(script, path.join(cells, 'hist.npz'), ...exported)).toEqual([true, true, true]);
    remove();
  });
});
