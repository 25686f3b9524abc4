import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { palettes, type PaletteName } from '../colour/palettes.js';
import { FlimdError } from '../protocol/errors.js';
import { type LifetimePlane, lifetimePlanes } from '../recording/frame-sums.js';
import {
  inspectRecording,
  inspectSdt,
  type RecordingInspection,
  type SdtInspection,
} from '../recording/inspection.js';
import { meanPicture, type MeanPicture } from '../recording/mean-picture.js';
import { isHdf5, RecordingReader } from '../recording/recording-reader.js';
import { readSdt } from '../recording/sdt.js';

interface InspectFlags {
  picture?: string;
  plane: LifetimePlane;
  palette: PaletteName;
  json?: boolean;
}

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('tell what is in a recording: HDF5 of flimd, complete or not, or Becker & Hickl SDT')
    .argument('<file>', 'NAME.h5, NAME.h5.partial, NAME.sdt or a zip of the last')
    .option('--picture <png>', 'draw the mean frame: hue = lifetime, brightness = photons')
    .addOption(
      new Option('--plane <name>', 'which mean lifetime the picture shows')
        .choices([...lifetimePlanes])
        .default('meanLifetimeIntensity'),
    )
    .addOption(
      new Option('--palette <name>', 'colours of the picture')
        .choices(Object.keys(palettes))
        .default('isoluminant'),
    )
    .option('--json', 'print JSON, and failures too')
    .addHelpText(
      'after',
      `
Examples:
  flimd inspect cells.h5
  flimd inspect cells.h5 --json | jq .lawsHold
  flimd inspect run.h5.partial --picture run.png      a recording that is under way, or was cut off
  flimd inspect cells.sdt.zip

Exit status: 0 read, and its laws hold as far as it has an end; 1 otherwise.`,
    )
    .action(inspect);
}

async function inspect(file: string, flags: InspectFlags): Promise<void> {
  const { inspection, picture } = (await isHdf5(file))
    ? await openRecording(file, flags)
    : await openSdt(file, flags);
  if (picture) await writeFile(flags.picture!, picture.png);
  const { png: _, ...drawn } = picture ?? {};
  const shown = picture ? { ...inspection, picture: { file: flags.picture, ...drawn } } : inspection;
  process.stdout.write(flags.json ? `${JSON.stringify(shown, null, 2)}\n` : describe(inspection, picture));
  if (inspection.kind === 'flimd' && inspection.lawsHold === false) process.exitCode = 1;
}

interface Inspected {
  inspection: RecordingInspection | SdtInspection;
  picture: MeanPicture | null;
}

async function openRecording(file: string, { picture, plane, palette }: InspectFlags): Promise<Inspected> {
  const recording = await RecordingReader.open(file);
  try {
    const { inspection, sums } = inspectRecording(recording, plane);
    return {
      inspection,
      picture: picture === undefined ? null : meanPicture(sums.meanFrame, plane, palette),
    };
  } finally {
    recording.close();
  }
}

async function openSdt(file: string, { picture }: InspectFlags): Promise<Inspected> {
  const inspection = inspectSdt(await readSdt(file), file);
  if (picture === undefined) return { inspection, picture: null };
  throw new FlimdError('FLIMD_E_RECORDING', `${file} holds decays and no lifetimes to draw`, {
    expected: 'a recording of flimd',
    action: `let flimd compute them: flimd record --camera 'sim:file=${file}&laserPeriodPs=…' --frames 1 --out FILE`,
  });
}

function describe(inspection: RecordingInspection | SdtInspection, picture: MeanPicture | null): string {
  const { geometry, provenance, photons } = inspection;
  const lines = [
    [inspection.file, inspection.kind === 'sdt' ? 'Becker & Hickl image' : stateOf(inspection)],
    [
      'image',
      `${geometry.width} × ${geometry.height} pixels, ${geometry.bins} bins of ${geometry.binWidthPs} ps`,
    ],
    ['laser period', geometry.laserPeriodPs === null ? 'not in the file' : `${geometry.laserPeriodPs} ps`],
    ['axes', `${geometry.axes}; ${geometry.origin}`],
    ...Object.entries(provenance).map(([name, value]) => [name, String(value ?? 'not known')]),
    ...(inspection.kind === 'sdt' ? sdtLines(inspection) : recordingLines(inspection)),
    ['photons', `${photons.total}, ${photons.meanPerPixelAndFrame?.toFixed(1) ?? '–'} a pixel and frame`],
    ...(inspection.kind === 'flimd' ? lawLines(inspection) : []),
    ...(picture ? [['picture', pictureLine(picture)]] : []),
  ] as [string, string][];
  const widest = Math.max(...lines.slice(1).map(([name]) => name.length));
  return (
    lines
      .map(([name, text], at) => (at === 0 ? `${name}: ${text}` : `  ${name.padEnd(widest)}  ${text}`))
      .join('\n') + '\n'
  );
}

function stateOf({ complete, end }: RecordingInspection): string {
  if (complete) return 'complete';
  if (end.error) return `not complete: ${end.error.message}`;
  return end.reason ? 'not complete' : 'not finished: still being written, or its writer died';
}

const sdtLines = ({ usableBins: [first, end] }: SdtInspection): string[][] => [
  ['usable bins', `${first} to ${end - 1}`],
  ['lifetimes', 'none: a file of decays'],
];

function recordingLines({ frames, histograms, lifetimes, end, recorder }: RecordingInspection): string[][] {
  const duration = frames.durationS === null ? '' : `, ${frames.durationS.toFixed(3)} s`;
  return [
    [
      'frames',
      `${frames.recorded} (${frames.partial} partial), numbers ${frames.first} to ${frames.last}${duration}`,
    ],
    ['histograms', histograms ? 'yes' : 'no'],
    ...Object.entries(lifetimes).map(([name, { median, lowerQuartile, upperQuartile, validShare }]) => [
      name,
      median === null
        ? 'no valid pixel'
        : `median ${median} ps, quartiles ${lowerQuartile} and ${upperQuartile} ps, ${(100 * validShare).toFixed(1)} % of the pixels valid`,
    ]),
    ['end', end.reason ? `${end.reason}: ${end.cause}` : 'none yet'],
    ['dropped by the recorder', String(recorder.framesDroppedByRecorder)],
    ['before the recording', String(recorder.framesNotAsked)],
  ];
}

const lawLines = ({ conservation }: RecordingInspection): string[][] =>
  conservation.map(({ law, left, right, holds }) => [
    holds ? 'holds' : 'DOES NOT HOLD',
    `${law}: ${left}, ${right}`,
  ]);

const pictureLine = ({ plane, lifetimeRangePs, photonRange, palette }: MeanPicture): string =>
  `hue ${plane} from ${lifetimeRangePs.min} to ${lifetimeRangePs.max} ps (${palette}), brightness 0 to ${photonRange.max} photons a frame`;
