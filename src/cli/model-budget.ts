// `flimd model show --fpga BOARD`: the model in a board's bitstream.
import { type Board, boards } from '../fpga/boards.js';
import {
  coreSizeOf,
  frameBudget,
  FRAME_PHOTONS_PER_PIXEL,
  laneBudget,
  type LaneBudget,
  laneCounts,
  mostLanes,
  type Network,
  published,
  utilizationCeiling,
} from '../fpga/budget.js';
import { recurrenceDistance, recurrenceCycles, scheduleOf, turnsForEveryCycle } from '../fpga/schedule.js';

const SIDES = [32, 128, 512];

/** The budget of a model on a board, for programs. Everything in it is an estimate but `published`. */
export function describeBudget(board: Board, network: Network) {
  const most = mostLanes(board, network);
  const schedule = scheduleOf(coreSizeOf(board, network));
  const frames = [...new Set([board.core.lanes, Math.max(most, 1)])].flatMap((lanes) =>
    SIDES.map((side) => ({ lanes, ...frameBudget(board, network, lanes, side) })),
  );
  return {
    board: board.name,
    part: board.part.orderName,
    clockMHz: board.core.clockMHz,
    ...coreSizeOf(board, network),
    basis: 'estimated' as const,
    utilizationCeiling,
    encoderInterval: schedule.encoderInterval,
    turnsForEveryCycle: turnsForEveryCycle(coreSizeOf(board, network)),
    stageCyclesPerBlock: schedule.stages,
    slowestStage: schedule.slowest,
    mostLanes: most,
    perLanes: laneCounts(board, network).map((lanes) => laneBudget(board, network, lanes)),
    framePhotonsPerPixel: FRAME_PHOTONS_PER_PIXEL,
    frames,
    published,
  };
}

export const boardNames = boards.map(({ name }) => name).join(', ');

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const row = (cells: string[]): string =>
  cells.map((cell, at) => (at ? cell.padStart(13) : cell.padStart(5))).join('');

function laneRow({
  lanes,
  cyclesPerPixel,
  pixelsPerSecond,
  resources,
  utilization,
  tooMany,
}: LaneBudget): string {
  const part = (name: 'luts' | 'dsps' | 'ramb36'): string =>
    `${whole(resources[name])} ${`${Math.ceil(100 * utilization[name])}`.padStart(3)}%`;
  const cells = [String(lanes), whole(cyclesPerPixel), whole(pixelsPerSecond)];
  const verdict = tooMany.length ? `  too many ${tooMany.join(', ')}` : '';
  return row([...cells, part('dsps'), part('ramb36'), part('luts')]) + verdict;
}

function intervalLine(board: Board, network: Network): string {
  const size = coreSizeOf(board, network);
  const { encoderInterval } = scheduleOf(size);
  const facts =
    `${size.unroll} inputs of a row per cycle, ${size.turns} turns: ${recurrenceDistance(size)} iterations between ` +
    `a state and its next use, ${recurrenceCycles} cycles needed`;
  const verdict =
    encoderInterval === 1
      ? 'an iteration every cycle'
      : `an iteration every ${encoderInterval} cycles (${turnsForEveryCycle(size)} turns would give every cycle)`;
  return `${facts}; ${verdict}`;
}

/** The same in words. */
export function budgetInWords(board: Board, network: Network): string {
  const budget = describeBudget(board, network);
  const frameRow = ({ lanes, width, framesPerSecond, limitedBy, histogramsFit }: (typeof budget.frames)[0]) =>
    `${row([String(lanes), `${width} × ${width}`, framesPerSecond.toFixed(1), limitedBy])}` +
    `${histogramsFit ? '' : '  histograms do not fit on chip: external memory, not built'}`;
  const percent = (share: number): string => `${100 * share} %`;
  return [
    `${board.title}: ${board.part.orderName}, core at ${board.core.clockMHz} MHz. Estimated, not synthesized by Vitis HLS or Vivado.`,
    `encoder       ${intervalLine(board, network)}`,
    `fits          up to ${budget.mostLanes} lanes within ${percent(utilizationCeiling.dsps)} of DSP and block RAM, ` +
      `${percent(utilizationCeiling.luts)} of LUTs; the board is set to ${board.core.lanes}`,
    row(['lanes', 'cycles/pixel', 'pixels/s', 'DSP48', 'RAMB36', 'LUT']),
    ...budget.perLanes.map(laneRow),
    row(['lanes', 'image', 'frames/s', 'limited by']),
    ...budget.frames.map(frameRow),
    ...published.map(({ system, figures }) => `published     ${system}: ${figures}`),
    '',
  ].join('\n');
}
