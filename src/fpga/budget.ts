// Lanes, pixels and frames per second of a board with a model.
import type { Board } from './boards.js';
import { bitstreamResources, histogramRamb36, type Resources } from './resources.js';
import { beatsOf, type CoreSize, cyclesPerFrame, pixelsPerSecond, scheduleOf } from './schedule.js';
import { lifetimePlanes, PACKET_HEADER_BYTES } from '../protocol/index.js';

/** A design that fills more than this of a device seldom meets its timing: a rule of thumb, not a limit of the part. */
export const utilizationCeiling: Readonly<Resources> = { luts: 0.8, flipFlops: 0.8, dsps: 0.9, ramb36: 0.9 };

export type Network = Pick<CoreSize, 'gates' | 'hidden' | 'head'>;

export interface LaneBudget {
  lanes: number;
  cyclesPerPixel: number;
  pixelsPerSecond: number;
  latencyUs: number;
  resources: Resources;
  /** Share of the part. */
  utilization: Resources;
  fits: boolean;
  /** What is over the ceiling. */
  tooMany: (keyof Resources)[];
}

const WEIGHTS_PER_WORD = 8;

/** The most products of a row per cycle, up to `wanted`, that hls/core takes for so many units. */
export function unrollFor(hidden: number, wanted: number): number {
  const fits = (unroll: number): boolean =>
    hidden % unroll === 0 &&
    (unroll === hidden || unroll % WEIGHTS_PER_WORD === 0 || WEIGHTS_PER_WORD % unroll === 0);
  let unroll = Math.min(hidden, wanted);
  while (!fits(unroll)) unroll--;
  return unroll;
}

/** Of `network` on `board`, with the board's turns and as much of its unroll as the network has units for. */
export const coreSizeOf = (board: Board, network: Network, lanes = board.core.lanes): CoreSize => ({
  gates: network.gates,
  hidden: network.hidden,
  head: network.head,
  bins: board.sensor.bins,
  lanes,
  unroll: unrollFor(network.hidden, board.core.unroll),
  turns: board.core.turns,
});

const names = ['luts', 'flipFlops', 'dsps', 'ramb36'] as const;

export function laneBudget(board: Board, network: Network, lanes: number): LaneBudget {
  const size = coreSizeOf(board, network, lanes);
  const schedule = scheduleOf(size);
  const resources = bitstreamResources(board, size);
  const utilization = { ...resources };
  for (const name of names) utilization[name] = resources[name] / board.part[name];
  const tooMany = names.filter((name) => utilization[name] > utilizationCeiling[name]);
  return {
    lanes,
    cyclesPerPixel: schedule.cyclesPerPixel,
    pixelsPerSecond: pixelsPerSecond(schedule, board.core.clockMHz),
    latencyUs: schedule.latencyCycles / board.core.clockMHz,
    resources,
    utilization,
    fits: tooMany.length === 0,
    tooMany,
  };
}

/** Beyond this many lanes none of the boards has slices, whatever the network. */
const MOST_LANES = 256;

/** The largest number of lanes that fits; 0 where not even one does. */
export function mostLanes(board: Board, network: Network): number {
  let lanes = 0;
  while (lanes < MOST_LANES && laneBudget(board, network, lanes + 1).fits) lanes++;
  return lanes;
}

/** Lane counts to show: 1, 2, 4 … up to the first that does not fit, with the layout of the board and the most that fits. */
export function laneCounts(board: Board, network: Network): number[] {
  const most = mostLanes(board, network);
  const counts = new Set([board.core.lanes, Math.max(most, 1)]);
  for (let lanes = 1; lanes <= 2 * Math.max(most, 1); lanes *= 2) counts.add(lanes);
  return [...counts].sort((a, b) => a - b);
}

/** Photons of a pixel in a frame, where a limit depends on them. */
export const FRAME_PHOTONS_PER_PIXEL = 500;
/** Two lifetimes, two standard errors, photons. */
const LIFETIME_BYTES_PER_PIXEL = lifetimePlanes.reduce((sum, { bytes }) => sum + bytes, 0);

export interface FrameBudget {
  width: number;
  height: number;
  framesPerSecond: number;
  limitedBy: 'core' | 'readout' | 'photons' | 'link';
  /** Frames per second that each part alone allows. */
  limits: Record<'core' | 'readout' | 'photons' | 'link', number>;
  /** Whether the two halves of histogram memory fit the part; where not, they need external memory, which is not built. */
  histogramsFit: boolean;
}

const exponentFor = (words: number): number => Math.ceil(Math.log2(words));

/** Square images; a packet per row. Read-out is one beat a cycle. */
export function frameBudget(board: Board, network: Network, lanes: number, side: number): FrameBudget {
  const pixels = side * side;
  const { clockMHz } = board.core;
  const frameBytes = pixels * LIFETIME_BYTES_PER_PIXEL + (side + 1) * PACKET_HEADER_BYTES;
  const limits = {
    core: (clockMHz * 1e6) / cyclesPerFrame(coreSizeOf(board, network, lanes), pixels),
    readout: (clockMHz * 1e6) / (pixels * beatsOf(board.sensor.bins)),
    photons: (board.sensor.clockMHz * 1e6) / (pixels * FRAME_PHOTONS_PER_PIXEL),
    link: board.link.peakBytesPerSecond / frameBytes,
  };
  const limitedBy = (Object.keys(limits) as (keyof typeof limits)[]).reduce((least, name) =>
    limits[name] < limits[least] ? name : least,
  );
  const core = laneBudget(board, network, lanes).resources.ramb36 - histogramRamb36(board.memory.wordBits);
  const wanted = core + histogramRamb36(exponentFor(pixels * beatsOf(board.sensor.bins)));
  return {
    width: side,
    height: side,
    framesPerSecond: limits[limitedBy],
    limitedBy,
    limits,
    histogramsFit: wanted <= utilizationCeiling.ramb36 * board.part.ramb36,
  };
}

/** What others report, as published; none was measured here. */
export const published = [
  {
    system: 'Lin et al. 2024 (Sci. Rep. 14): four quantized GRU cores on a Kintex-7, 32 × 32 SPAD',
    figures: '4 Mphoton/s, 10 frames/s (10,240 pixels/s)',
    pixelsPerSecond: 10_240,
  },
  {
    system: 'Erbas et al. 2024 (arXiv 2410.07364): several pixels in parallel, scheduled by a simulator',
    figures: '17.7 times (Seq2Seq) and 52.0 times (Seq2SeqLite) as fast as manual scheduling',
    pixelsPerSecond: null,
  },
] as const;
