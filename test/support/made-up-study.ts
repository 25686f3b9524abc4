import type { CompressionStudy, ErrorsByPhotons, StudyRow } from '../../src/evaluation/compression-study.js';

/*
 * A made-up compression study: every figure comes from the formulas below and nothing was measured. It shows the
 * report in full; tests change single figures and look what the text makes of them.
 */

const photons = [50, 100, 500, 2000];
/** Made-up error limit in ns: falls like the photons to the power of −0.35. */
const limitNs = (count: number) => 2 * count ** -0.35;

/** Made-up excess over the limit: grows with fewer units, fewer bits and more photons; KD takes a part of it. */
function excess(row: Pick<StudyRow, 'hidden' | 'training' | 'quantization' | 'bits'>, count: number): number {
  const units = (0.9 / row.hidden) * (row.training === 'kd' ? 0.7 : 1);
  const rounding = row.quantization === 'float' ? 0 : row.quantization === 'qat' ? 0.15 : 0.6;
  return (units + (rounding * 16) / 2 ** row.bits) * (count / 500) ** 0.2;
}

function byPhotons(figure: (count: number) => number): ErrorsByPhotons {
  return Object.fromEntries(photons.map((count) => [String(count), Number(figure(count).toFixed(6))]));
}

type Arithmetic = Pick<StudyRow, 'quantization' | 'bits'>;
const float: Arithmetic = { quantization: 'float', bits: 32 };
const quantized: Arithmetic[] = [
  { quantization: 'ptq', bits: 16 },
  { quantization: 'ptq', bits: 8 },
  { quantization: 'ptq', bits: 4 },
  { quantization: 'qat', bits: 8 },
  { quantization: 'qat', bits: 4 },
];

function madeUpRow(network: Pick<StudyRow, 'role' | 'hidden' | 'training'> & Arithmetic): StudyRow {
  const { hidden, bits } = network;
  const rmse = (scale: number) => byPhotons((count) => scale * limitNs(count) * (1 + excess(network, count)));
  const limit = (scale: number) => byPhotons((count) => scale * limitNs(count));
  const output = (scale: number) => ({
    rmseNs: rmse(scale),
    maeNs: rmse(0.8 * scale),
    biasNs: byPhotons((count) => (scale * excess(network, count)) / 50),
    bayesRmseNs: limit(scale),
  });
  const fraction = output(0.5);
  const parameters = 3 * hidden * (hidden + 3) + 32 * hidden + 100;
  const decoderParameters = 6 * hidden * (hidden + 1);
  return {
    ...network,
    parameters,
    bytes: (parameters * bits) / 8,
    macsPerPixel: 32 * 3 * hidden * (hidden + 1),
    decoder: {
      parameters: decoderParameters,
      bytes: (decoderParameters * bits) / 8,
      macsPerPixel: 32 * decoderParameters,
    },
    steps: network.role === 'teacher' ? 40_000 : 20_000,
    wallSeconds: network.quantization === 'ptq' ? 4 : 10 * hidden,
    ...output(1),
    bayesMaeNs: limit(0.8),
    outputs: {
      meanLifetimeIntensity: output(0.9),
      tau1: output(1.4),
      tau2: output(1.2),
      fraction: {
        rmse: fraction.rmseNs,
        mae: fraction.maeNs,
        bias: fraction.biasNs,
        bayesRmse: fraction.bayesRmseNs,
      },
    },
    sequenceRmse: network.quantization === 'float' ? byPhotons((count) => 0.3 * limitNs(count)) : null,
    standardErrorRatio: byPhotons((count) => 1 + excess(network, count) / 4),
  };
}

function madeUpLog({ role, hidden, training, quantization, bits }: StudyRow, steps: number) {
  const points = Array.from({ length: 40 }, (_, index): [number, number] => {
    const step = Math.round(((index + 1) * steps) / 40);
    return [step, Number((0.2 + 1.5 / hidden + 20 / (step + 20) + (8 * 2 ** -bits) / 10).toFixed(5))];
  });
  return {
    name: `${role}-${hidden}-${training}-${bits}`,
    role,
    hidden,
    training,
    quantization,
    bits,
    points,
  };
}

function madeUpClassical(name: string, title: string, scale: number, pixelsPerSecond: number) {
  return {
    name,
    title,
    rmseNs: byPhotons((count) => scale * limitNs(count)),
    maeNs: byPhotons((count) => 0.7 * scale * limitNs(count)),
    biasNs: byPhotons((count) => 0.1 * scale * limitNs(count)),
    valid: byPhotons((count) => 1 - 1 / count),
    pixelsPerSecond,
  };
}

/** The whole made-up study; with fewer sizes where a test needs less. */
export function madeUpStudy(sizes: number[] = [8, 32]): CompressionStudy {
  const students = sizes.flatMap((hidden) =>
    (['scratch', 'kd'] as const).flatMap((training) =>
      [float, ...quantized].map((arithmetic) =>
        madeUpRow({ role: 'student', hidden, training, ...arithmetic }),
      ),
    ),
  );
  const rows = [madeUpRow({ role: 'teacher', hidden: 256, training: 'scratch', ...float }), ...students];
  const distilled = (outputs: boolean, sequence: boolean, scale: number) => ({
    hidden: 32,
    outputs,
    sequence,
    maeNs: byPhotons((count) => 0.8 * scale * limitNs(count)),
    rmseNs: byPhotons((count) => scale * limitNs(count)),
  });
  return {
    format: 'flimd-compression-study',
    formatVersion: 1,
    made: {
      at: '2000-01-01T00:00:00.000Z',
      flimd: '0.0.0',
      node: 'v0.0.0',
      simd: 'made-up',
      threads: 2,
      seed: 1,
      samples: 1000,
    },
    study: { madeUp: true },
    prior: { tauNs: [0.2, 5], background: [0, 0.1], monoPart: 0.3 },
    description: 'Made-up figures.',
    photons,
    pixels: 2000,
    rows,
    control: [float, ...quantized.filter(({ quantization }) => quantization === 'ptq')].map((arithmetic) =>
      madeUpRow({ role: 'student', hidden: 32, training: 'kd', ...arithmetic }),
    ),
    kd: {
      rows: [
        distilled(false, false, 1.05),
        distilled(true, false, 1.04),
        distilled(false, true, 1.06),
        distilled(true, true, 1.03),
      ],
      text: 'Made-up remark.',
    },
    classical: [
      madeUpClassical('cmm', 'Centre of mass', 3, 5e6),
      madeUpClassical('rld', 'Rapid lifetime determination', 2.4, 4e6),
      madeUpClassical('phasor', 'Phasor', 2.1, 2e6),
      madeUpClassical('lm', 'Levenberg–Marquardt with IRF', 1.5, 900),
    ],
    mono: {
      photons: 1000,
      background: 0.02,
      rows: [0.5, 1, 2, 3].map((tauNs) => ({
        tauNs,
        f: 1.05 * (1 + tauNs / 3),
        crbF: 1 + tauNs / 3,
        ratio: 1.05,
        biasNs: 0.01,
      })),
      steps: 20_000,
    },
    uncertainty: {
      rows: photons.flatMap((count) =>
        [0.2, 1, 2, 3, 4].map((tauFromNs, at) => {
          const trueNs = limitNs(count) * (0.5 + tauFromNs / 4);
          const ratio = 1 + (tauFromNs - 2) / 20;
          return {
            photons: count,
            quarter: at + 1,
            tauFromNs,
            tauToNs: Math.ceil(tauFromNs + 0.5),
            predictedNs: trueNs * ratio,
            trueNs,
            ratio,
          };
        }),
      ),
    },
    recordings: [
      {
        name: 'made-up-cells',
        model: 'made-up-model',
        hash: '0123456789abcdef0123',
        blocks: '8×8',
        figures: [
          { region: 'nuclei', quantity: 'tau_amp', valid: 1, foundNs: 1.9, referenceNs: 2, relative: -0.05 },
          { region: 'cytoplasm', quantity: 'tau_amp', valid: 1, foundNs: 2.5, referenceNs: 2.5, relative: 0 },
        ],
        rankCorrelation: { tau_amp: 0.9 },
      },
    ],
    targets: [
      { name: 'a made-up target', target: '≤ 5 %', measured: '3 %', met: true },
      { name: 'another', target: '≤ 2 %', measured: '4 %', met: false },
    ],
    trainingLogs: rows.filter((row) => row.quantization !== 'ptq').map((row) => madeUpLog(row, row.steps)),
  };
}
