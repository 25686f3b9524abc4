import { existsSync } from 'node:fs';
import type { InstrumentFile } from '../calibration/proposal.js';
import { readDecayFile } from '../recording/recorded-decay.js';
import { FlimdError } from '../protocol/errors.js';
import type { DecayPrior } from '../training/decays.js';
import type { IrfShape } from '../training/irf.js';
import { measuredIrf } from '../training/measured-irf.js';
import {
  isIrfFile,
  parseFractionOf,
  parseIrf,
  parseNumber,
  parseRange,
  parseRangeNs,
  parseSpecies,
  required,
} from '../training/option-text.js';
import { photonFeatureRange, type QatPrecision, type TrainingOptions } from '../training/options.js';
import { type GateFlags, gatesOf } from './gate-flags.js';

/** Of the built-in scene; a measured response brings its own centre. */
export const DEFAULT_IRF = 'gaussian:200';
export const DEFAULT_CENTER_PS = 1500;
/** A formula's width is a guess; that of a measured response is not. */
export const DEFAULT_WIDTH_JITTER = 0.1;

/** The flags of `flimd model train`, as text. */
export interface TrainFlags extends GateFlags {
  name?: string;
  description: string;
  instrument?: string;
  out?: string;
  resume?: boolean;
  laserPeriodPs?: string;
  irf?: string;
  irfCenterPs?: string;
  irfJitterPs: string;
  irfWidthJitter?: string;
  background: string;
  darkPhotons: string;
  tauNs: string;
  speciesNs?: string;
  speciesShare: string;
  fraction: string;
  mono: string;
  photons: string;
  photonWeight: string;
  hidden: string;
  head: string;
  bits: string;
  decoder?: boolean;
  parameterWeight: string;
  sequenceWeight: string;
  teacher?: string;
  distillOutputs: string;
  distillSequence: string;
  distillBatches: string;
  init?: string;
  steps?: string;
  minutes?: string;
  batch: string;
  learningRate: string;
  seed: string;
  threads: string;
}

/**
 * Reads the files that flags name as well. Throws FLIMD_E_CONFIG for a flag that is missing or cannot be read,
 * FLIMD_E_RECORDING for a measured response that makes no sense.
 */
export async function trainingOptions(
  flags: TrainFlags,
  instrument: InstrumentFile | null,
): Promise<TrainingOptions> {
  const photons = parseRange('--photons', flags.photons);
  const numberOrNull = (option: string, text: string | undefined): number | null =>
    text === undefined ? null : parseNumber(option, text);
  return {
    name: required('--name', flags.name),
    description: flags.description,
    prior: priorOf(flags, await responseOf(flags, instrument)),
    photons,
    photonFeature: photonFeatureRange(photons),
    photonWeightExponent: parseNumber('--photon-weight', flags.photonWeight),
    hidden: parseNumber('--hidden', flags.hidden),
    head: parseNumber('--head', flags.head),
    ...(await stageOptions(flags)),
    steps: numberOrNull('--steps', flags.steps),
    minutes: numberOrNull('--minutes', flags.minutes),
    batch: parseNumber('--batch', flags.batch),
    learningRate: parseNumber('--learning-rate', flags.learningRate),
    seed: parseNumber('--seed', flags.seed),
    threads: parseNumber('--threads', flags.threads),
  };
}

type StageOptions = Pick<
  TrainingOptions,
  'decoder' | 'precision' | 'lossWeights' | 'teacher' | 'initialWeights'
>;

async function stageOptions(flags: TrainFlags): Promise<StageOptions> {
  const hashOf = async (file: string): Promise<string> => {
    // TF.js takes a second to load: only where it is needed.
    const { readCheckpoint, weightsHash } = await import('../training/checkpoint.js');
    return weightsHash(await readCheckpoint(file));
  };
  const belief = {
    outputs: parseNumber('--distill-outputs', flags.distillOutputs),
    sequence: flags.decoder ? parseNumber('--distill-sequence', flags.distillSequence) : 0,
  };
  return {
    decoder: flags.decoder ?? false,
    precision: flags.bits === 'float' ? null : (Number(flags.bits) as QatPrecision),
    lossWeights: {
      parameters: parseNumber('--parameter-weight', flags.parameterWeight),
      sequence: parseNumber('--sequence-weight', flags.sequenceWeight),
    },
    teacher:
      flags.teacher === undefined
        ? null
        : {
            sha256: await hashOf(flags.teacher),
            belief,
            batches: parseNumber('--distill-batches', flags.distillBatches),
          },
    initialWeights: flags.init === undefined ? null : await hashOf(flags.init),
  };
}

type Response = Pick<DecayPrior, 'irf' | 'irfCenterPs' | 'irfWidthJitter'>;

async function responseOf(flags: TrainFlags, instrument: InstrumentFile | null): Promise<Response> {
  const given = (option: string, text: string | undefined, otherwise: number): number =>
    text === undefined ? otherwise : parseNumber(option, text);
  const response = (irf: IrfShape, center: number, widthJitter: number): Response => ({
    irf,
    irfCenterPs: given('--irf-center-ps', flags.irfCenterPs, center),
    irfWidthJitter: given('--irf-width-jitter', flags.irfWidthJitter, widthJitter),
  });
  if (flags.irf === undefined && instrument?.measuredIrf) return response(instrument.measuredIrf, NaN, 0);
  if (flags.irf === undefined && instrument !== null) {
    throw new FlimdError('FLIMD_E_CONFIG', 'the instrument file holds no response', {
      value: flags.instrument,
      expected: 'a response: its recording showed no rising edge in the window',
      action: 'give --irf and --irf-center-ps',
    });
  }
  const text = flags.irf ?? DEFAULT_IRF;
  if (!isIrfFile(text)) return response(parseIrf('--irf', text), DEFAULT_CENTER_PS, DEFAULT_WIDTH_JITTER);
  if (!existsSync(text)) parseIrf('--irf', text);
  const { shape, centerPs } = measuredIrf(await readDecayFile(text));
  // Its width is measured, and stretching it would move its reflections.
  return response(shape, centerPs, 0);
}

function priorOf(flags: TrainFlags, response: Response): DecayPrior {
  return {
    laserPeriodFs: Math.round(
      1000 * parseNumber('--laser-period-ps', required('--laser-period-ps', flags.laserPeriodPs)),
    ),
    gatesFs: gatesOf(flags),
    ...response,
    irfJitterPs: parseNumber('--irf-jitter-ps', flags.irfJitterPs),
    background: parseRange('--background', flags.background),
    darkPhotons: parseRange('--dark-photons', flags.darkPhotons),
    tauPs: parseRangeNs('--tau-ns', flags.tauNs),
    fractionOf: parseFractionOf('--fraction', flags.fraction),
    mono: parseNumber('--mono', flags.mono),
    species:
      flags.speciesNs === undefined
        ? null
        : parseSpecies('--species-ns', flags.speciesNs, parseNumber('--species-share', flags.speciesShare)),
  };
}
