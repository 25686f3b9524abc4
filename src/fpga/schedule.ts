// Cycles of the lifetime core's loops (hls/core, hls/vendor/axis.h), and from them pixels per second. Trip counts are those of
// the sources; every loop is taken to reach the interval that its pragma asks for. Not run through an HLS tool.

import { HISTOGRAM_BEAT_BINS } from '../protocol/registers.js';

/** How a core is laid out, and the network it is for. */
export interface CoreSize {
  bins: number;
  gates: number;
  hidden: number;
  head: number;
  /** Pixels in parallel; multiply-accumulates per row and lane in a cycle; pixels that take turns in a lane. */
  lanes: number;
  unroll: number;
  turns: number;
}

/** Cycles from input to result of the hand-written datapath (hls/datapath); test/fpga/datapath.test.ts counts them. */
export const pipelineDepths = {
  /** From the last column of a unit to its state. */
  unit: 18,
  /** From a pixel's photons to floor(2^31 / N). */
  reciprocal: 33,
  /** From the photons of a gate to its feature. */
  gate: 8,
  /** From the last column of a unit of the head to its value. */
  head: 10,
  /** From the last value of the hidden layer to the lifetimes. */
  output: 5,
} as const;

/** Assumed: reading a memory and writing it, around a datapath; entering and leaving a loop; starting a stage. */
const MEMORY_CYCLES = 2;
const LOOP_CYCLES = 2;
const STAGE_CYCLES = 2;
/** FLIMD_PIPELINE of hls/core/lifetime_head.h: multiply-accumulates of the head's hidden layer per lane and cycle. */
const HEAD_UNROLL = 4;
const WORDS_PER_RESULT = 2;

/** A pipelined loop, by its FLIMD_LOOP name: the innermost of a nest that is flattened. */
export interface Loop {
  name: string;
  stage: 'gather' | 'prepare' | 'recur' | 'decide' | 'emit';
  /** Iterations per block, how often the loop is entered in it, cycles between two iterations, cycles of one. */
  trips: number;
  entries: number;
  interval: number;
  depth: number;
}

const columnsOf = ({ hidden, unroll }: CoreSize): number => hidden / unroll;
export const beatsOf = (bins: number): number => Math.ceil(bins / HISTOGRAM_BEAT_BINS);

/** Cycles from the operand of a unit's last column to the operand that it becomes for the next gate. */
export const recurrenceCycles = pipelineDepths.unit + MEMORY_CYCLES;

/** Iterations of the encoder between two that need each other; below `recurrenceCycles` it has to wait. */
export const recurrenceDistance = (size: CoreSize): number => size.turns * columnsOf(size);

/** The fewest turns with which the encoder begins an iteration every cycle. */
export const turnsForEveryCycle = (size: CoreSize): number => Math.ceil(recurrenceCycles / columnsOf(size));

export function loopsOf(size: CoreSize): Loop[] {
  const { bins, gates, hidden, head, lanes, turns } = size;
  const encoderInterval = Math.ceil(recurrenceCycles / recurrenceDistance(size));
  const loop = (
    stage: Loop['stage'],
    name: string,
    trips: number,
    depth: number,
    { entries = 1, interval = 1 } = {},
  ): Loop => ({ stage, name, trips, entries, interval, depth });
  const perTurn = { entries: turns };
  return [
    loop('gather', 'gather_beats', lanes * turns * beatsOf(bins), MEMORY_CYCLES),
    loop('prepare', 'merge_bins', turns * bins, 2 + MEMORY_CYCLES, perTurn),
    loop('prepare', 'reciprocal_bits', turns * (pipelineDepths.reciprocal - 1), 1, perTurn),
    loop('prepare', 'normalize_gates', turns * gates, pipelineDepths.gate + MEMORY_CYCLES, perTurn),
    loop('recur', 'clear_columns', turns * columnsOf(size), 1),
    loop('recur', 'encoder_columns', gates * hidden * turns * columnsOf(size), recurrenceCycles, {
      interval: encoderInterval,
    }),
    loop(
      'decide',
      'head_columns',
      (head * turns * hidden) / HEAD_UNROLL,
      pipelineDepths.head + MEMORY_CYCLES,
    ),
    loop('decide', 'output_units', turns * head, pipelineDepths.output + MEMORY_CYCLES),
    loop('emit', 'emit_words', lanes * turns * WORDS_PER_RESULT, MEMORY_CYCLES),
  ];
}

const cyclesOf = ({ trips, entries, interval, depth }: Loop): number =>
  (trips - entries) * interval + entries * (depth + LOOP_CYCLES);

export interface Schedule {
  /** Cycles per block of lanes × turns pixels. */
  stages: Record<Loop['stage'], number>;
  slowest: Loop['stage'];
  encoderInterval: number;
  cyclesPerPixel: number;
  /** From the first beat of a block to its last result. */
  latencyCycles: number;
}

/** Stages work on different blocks at the same time (DATAFLOW): the slowest sets the pace. */
export function scheduleOf(size: CoreSize): Schedule {
  const stages = { gather: 0, prepare: 0, recur: 0, decide: 0, emit: 0 };
  const loops = loopsOf(size);
  for (const loop of loops) stages[loop.stage] += cyclesOf(loop);
  const names = Object.keys(stages) as Loop['stage'][];
  for (const name of names) stages[name] += STAGE_CYCLES;
  const slowest = names.reduce((worst, name) => (stages[name] > stages[worst] ? name : worst));
  return {
    stages,
    slowest,
    encoderInterval: loops.find(({ name }) => name === 'encoder_columns')!.interval,
    cyclesPerPixel: stages[slowest] / (size.lanes * size.turns),
    latencyCycles: names.reduce((sum, name) => sum + stages[name], 0),
  };
}

/**
 * Cycles of a frame by itself: blocks are whole, and the pipeline fills and drains, because the core is started once a
 * frame and when it is idle.
 */
export function cyclesPerFrame(size: CoreSize, pixels: number): number {
  const { stages, slowest, latencyCycles } = scheduleOf(size);
  const blocks = Math.ceil(pixels / (size.lanes * size.turns));
  return (blocks - 1) * stages[slowest] + latencyCycles;
}

/** In the long run, within a frame. */
export const pixelsPerSecond = (schedule: Schedule, clockMHz: number): number =>
  (clockMHz * 1e6) / schedule.cyclesPerPixel;
