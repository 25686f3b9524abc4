import { type ModelTiming, planGates } from '../lifetime/gate-plan.js';
import { FlimdError } from '../protocol/errors.js';
import { psFromFs } from '../protocol/units.js';
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

/** Why the gates of a model cannot be laid over the bins of a board's sensor; null where they can. */
function sensorProblem({ sensor }: Board, timing: ModelTiming): string | null {
  const { bins, binWidthFs, laserPeriodFs } = sensor;
  try {
    planGates(timing, { bins, binWidthPs: psFromFs(binWidthFs), laserPeriodPs: psFromFs(laserPeriodFs) });
    return null;
  } catch (error) {
    if (error instanceof FlimdError) return error.message;
    throw error;
  }
}

/** The budget of a model on a board, for programs: `perLanes` and `frames` are estimates, `published` is what others report. */
export function describeBudget(board: Board, network: Network, timing: ModelTiming) {
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
    sensorProblem: sensorProblem(board, timing),
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
