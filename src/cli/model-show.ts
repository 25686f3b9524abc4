import { Command } from 'commander';
import {
  decoderBytes,
  decoderMacs,
  decoderParameters,
  type IntegerDecoder,
} from '../lifetime/integer-decoder.js';
import { livePathSize, type NetworkSize } from '../evaluation/network-size.js';
import { boardNamed } from '../fpga/boards.js';
import { describeBudget } from '../fpga/description.js';
import { loadModelPackage, type ModelPackage } from '../lifetime/model-package.js';
import type { LifetimeOutput } from '../lifetime/integer-network.js';
import type { CardRow } from '../training/accuracy.js';
import { boardNames, budgetInWords } from './model-budget.js';

/** `flimd model show` */
export function modelShowCommand(): Command {
  return new Command('show')
    .description('what a model package is: its timing, size, accuracy card, and the hash that frames carry')
    .argument('<dir>', 'directory of the package')
    .option(
      '--fpga <board>',
      `also cycles, resources and frame rates in the bitstream of a board: ${boardNames}`,
    )
    .option('--json', 'the whole description, for programs; with --fpga it has a member `fpga`')
    .addHelpText(
      'after',
      '\nExamples:\n  flimd model show models/cells-12.5ns-32\n  flimd model show models/cells-sdt --json\n' +
        '  flimd model show models/cells-12.5ns-32 --fpga kc705\n',
    )
    .action(show);
}

async function show(directory: string, { json, fpga }: { json?: boolean; fpga?: string }): Promise<void> {
  const board = fpga === undefined ? undefined : boardNamed(fpga);
  const model = await loadModelPackage(directory);
  const description = {
    ...describe(model),
    ...(board && { fpga: describeBudget(board, model.network, model.timing) }),
  };
  const words = describeInWords(model) + (board ? budgetInWords(board, model) : '');
  process.stdout.write(json ? `${JSON.stringify(description, null, 2)}\n` : words);
}

function describe({ network, decoder, ...model }: ModelPackage): Record<string, unknown> {
  const { gates, hidden, head, minPhotons, photonFeature, lifetimeRangePs } = network;
  const decides = { gates, hidden, head, minPhotons, photonFeature, lifetimeRangePs };
  const shown = { ...model, ...decides, ...sizeOf(network) };
  return { ...shown, decoder: decoder && describeDecoder(network, decoder) };
}

const describeDecoder = (network: ModelPackage['network'], { stepFs, zeroFs }: IntegerDecoder) => ({
  stepFs,
  zeroFs,
  parameters: decoderParameters(network),
  bytes: decoderBytes(network),
  macsPerDecay: decoderMacs(network),
});

/** Of the live path. */
const sizeOf = ({ gates, hidden, head, outputBiases }: ModelPackage['network']): NetworkSize =>
  livePathSize({ gates, hidden, head, outputs: outputBiases.length }, SHIPPED_BITS);

/** An int8 for every weight, also for those of 4 bit. */
const SHIPPED_BITS = 8;

function describeInWords(model: ModelPackage): string {
  const { network, timing } = model;
  const size = sizeOf(network);
  const [firstGate, lastGate] = [timing.gatesFs[0]!, timing.gatesFs.at(-1)!];
  const ns = (fs: number): string => (fs / 1e6).toFixed(3);
  return [
    `${model.name}: ${model.description}`,
    `hash          ${model.hash.slice(0, 16)} (in frames), ${model.hash}`,
    `network       GRU ${network.hidden}, head ${network.head}, ${network.gates} gates; ${size.parameters} parameters, ` +
      `${size.bytes} bytes, ${size.macsPerPixel} multiply-accumulates per pixel`,
    `decoder       ${decoderInWords(model)}`,
    `laser period  ${ns(timing.laserPeriodFs)} ns`,
    `gates         ${ns(firstGate[0])} to ${ns(lastGate[1])} ns, ${ns(firstGate[1] - firstGate[0])} ns the first`,
    `lifetimes     ${network.lifetimeRangePs.join(' to ')} ps, from ${network.minPhotons} photons on`,
    ...accuracyLines(model),
    '',
  ].join('\n');
}

function decoderInWords({ network, decoder }: ModelPackage): string {
  if (!decoder) return 'none: no deconvolved decay of chosen pixels';
  const { parameters: count, bytes, macsPerDecay } = describeDecoder(network, decoder);
  const steps = `${network.gates} steps of ${(decoder.stepFs / 1e6).toFixed(3)} ns`;
  return `GRU ${network.hidden}, ${steps}; ${count} parameters, ${bytes} bytes, ${macsPerDecay} multiply-accumulates per decay`;
}

/** The accuracy card as a table. */
export function accuracyLines({ accuracy }: ModelPackage): string[] {
  const rows = (accuracy['rows'] ?? []) as CardRow[];
  const cell = (value?: number): string =>
    (value === undefined ? '–' : String(Math.round(value))).padStart(10);
  const headings = ['RMSE', 'predicted', 'bias', 'limit'].map((heading) => heading.padStart(10)).join('');
  const columns = (
    { rmsePs, biasPs, standardErrorPs, bayesRmsePs }: CardRow,
    output: LifetimeOutput,
  ): string =>
    [rmsePs, standardErrorPs, biasPs, bayesRmsePs].map((figures) => cell(figures?.[output])).join('');
  return [
    `${''.padStart(7)}  ${'tau_amp (ps)'.padEnd(40)}  tau_int (ps)`,
    ['photons', headings, headings].join('  '),
    ...rows.map((row) =>
      [
        String(row.photons).padStart(7),
        columns(row, 'meanLifetimeAmplitude'),
        columns(row, 'meanLifetimeIntensity'),
      ].join('  '),
    ),
  ];
}
