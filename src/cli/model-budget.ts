// `flimd model show --fpga BOARD` in words: the model in a board's bitstream.
import { type Board, boards } from '../fpga/boards.js';
import type { LaneBudget } from '../fpga/budget.js';
import { type BudgetDescription, describeBudget } from '../fpga/description.js';
import type { ModelPackage } from '../lifetime/model-package.js';

export const boardNames = boards.map(({ name }) => name).join(', ');

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const rate = (framesPerSecond: number): string => framesPerSecond.toFixed(1);
const percent = (share: number): string => `${Math.round(100 * share)} %`;
const row = (cells: string[]): string => cells.map((cell, at) => cell.padStart(at === 0 ? 5 : 14)).join('');

function laneRow({
  lanes,
  cyclesPerPixel,
  pixelsPerSecond,
  resources,
  utilization,
  tooMany,
}: LaneBudget): string {
  const taken = (['dsps', 'ramb36', 'luts'] as const).map((name) => {
    const share = `${Math.ceil(100 * utilization[name])} %`;
    return `${whole(resources[name])} ${share.padStart(5)}`;
  });
  const verdict = tooMany.length ? `  does not fit: ${tooMany.join(', ')}` : '';
  return row([String(lanes), whole(cyclesPerPixel), whole(pixelsPerSecond), ...taken]) + verdict;
}

function frameRow({
  lanes,
  width,
  height,
  framesPerSecond,
  limitedBy,
  limits,
  histogramsFit,
}: BudgetDescription['frames'][0]): string {
  const cells = [String(lanes), `${width} × ${height}`, rate(framesPerSecond), limitedBy, rate(limits.core)];
  return (
    row(cells) + (histogramsFit ? '' : '  histograms exceed block RAM: needs external memory, not built')
  );
}

function encoderLine(budget: BudgetDescription): string {
  const {
    unroll,
    turns,
    encoderInterval: interval,
    turnsForEveryCycle,
    recurrenceDistance,
    recurrenceCycles,
  } = budget;
  const pace =
    interval === 1
      ? 'an iteration every cycle'
      : `an iteration every ${interval} cycles (every cycle from ${turnsForEveryCycle} turns on)`;
  return (
    `${unroll} inputs of a row a cycle, ${turns} turns: a state is needed again after ${recurrenceDistance} iterations ` +
    `and takes ${recurrenceCycles} cycles; ${pace}`
  );
}

export function budgetInWords(
  board: Board,
  { network, timing }: Pick<ModelPackage, 'network' | 'timing'>,
): string {
  const budget = describeBudget(board, network, timing);
  const { luts, dsps } = budget.utilizationCeiling;
  return [
    `${budget.title}`,
    `part          ${budget.part}, core at ${budget.clockMHz} MHz. All estimated: not run through Vitis HLS or Vivado`,
    ...(budget.sensorProblem === null
      ? []
      : [
          `sensor        does not fit the board as it is set: ${budget.sensorProblem}; the figures are those of the network alone`,
        ]),
    `encoder       ${encoderLine(budget)}`,
    `lanes         at most ${budget.mostLanes} within ${percent(dsps)} of DSP slices and block RAM and ${percent(luts)} of LUTs; ` +
      `the board has ${budget.lanes}`,
    row(['lanes', 'cycles/pixel', 'pixels/s', 'DSP48E1', 'RAMB36E1', 'LUT']),
    ...budget.perLanes.map(laneRow),
    `frames        with ${budget.framePhotonsPerPixel} photons a pixel, limited by core, read-out, photon events or link`,
    row(['lanes', 'image', 'frames/s', 'limited by', 'core alone']),
    ...budget.frames.map(frameRow),
    ...budget.published.map(({ system, figures }) => `published     ${system}: ${figures}`),
    '',
  ].join('\n');
}
