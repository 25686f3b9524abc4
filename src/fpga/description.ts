import type { Board } from './boards.js';
import {
  coreSizeOf,
  frameBudget,
  FRAME_PHOTONS_PER_PIXEL,
  laneBudget,
  laneCounts,
  mostLanes,
  type Network,
  published,
  utilizationCeiling,
} from './budget.js';
import { recurrenceCycles, recurrenceDistance, scheduleOf, turnsForEveryCycle } from './schedule.js';

/** Sides of the square images that frame rates are given for. */
const SIDES = [32, 128, 512];

/** The budget of a model on a board, for programs: `perLanes` and `frames` are estimates, `published` is what others report. */
export function describeBudget(board: Board, network: Network) {
  const size = coreSizeOf(board, network);
  const most = mostLanes(board, network);
  const schedule = scheduleOf(size);
  const lanesOfFrames = [...new Set([board.core.lanes, Math.max(most, 1)])];
  return {
    board: board.name,
    title: board.title,
    part: board.part.orderName,
    clockMHz: board.core.clockMHz,
    ...size,
    basis: 'estimated' as const,
    utilizationCeiling,
    encoderInterval: schedule.encoderInterval,
    recurrenceCycles,
    recurrenceDistance: recurrenceDistance(size),
    turnsForEveryCycle: turnsForEveryCycle(size),
    stageCyclesPerBlock: schedule.stages,
    slowestStage: schedule.slowest,
    latencyUs: schedule.latencyCycles / board.core.clockMHz,
    mostLanes: most,
    perLanes: laneCounts(board, network).map((lanes) => laneBudget(board, network, lanes)),
    framePhotonsPerPixel: FRAME_PHOTONS_PER_PIXEL,
    frames: lanesOfFrames.flatMap((lanes) =>
      SIDES.map((side) => ({ lanes, ...frameBudget(board, network, lanes, side) })),
    ),
    published,
  };
}

export type BudgetDescription = ReturnType<typeof describeBudget>;
