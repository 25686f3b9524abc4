// What a bitstream takes of a 7-series device, from counts per part. Counted parts: Yosys on hls/datapath and firmware/rtl
// (docs/fpga.json; test/fpga/report.test.ts holds these numbers against it). LUTs are before packing, so on the high side.
import type { Board } from './boards.js';
import { beatsOf, type CoreSize } from './schedule.js';

export interface Resources {
  luts: number;
  flipFlops: number;
  dsps: number;
  ramb36: number;
}

export const NOTHING: Resources = { luts: 0, flipFlops: 0, dsps: 0, ramb36: 0 };

export const sumOf = (parts: Resources[]): Resources =>
  parts.reduce(
    (sum, part) => ({
      luts: sum.luts + part.luts,
      flipFlops: sum.flipFlops + part.flipFlops,
      dsps: sum.dsps + part.dsps,
      ramb36: sum.ramb36 + part.ramb36,
    }),
    NOTHING,
  );

const times = (part: Resources, count: number): Resources => sumOf(Array<Resources>(count).fill(part));

/** Fitted to the counts at unroll 4 to 32: a lane's unit without its products, and what a product adds; 3 rows of them. */
const UNIT: Resources = { luts: 1035, flipFlops: 697, dsps: 12, ramb36: 0 };
const PRODUCT: Resources = { luts: 5.9, flipFlops: 0.25, dsps: 1, ramb36: 0 };

export const gruUnit = (unroll: number): Resources => {
  const products = 3 * unroll;
  return {
    luts: UNIT.luts + products * PRODUCT.luts,
    flipFlops: UNIT.flipFlops + products * PRODUCT.flipFlops,
    dsps: UNIT.dsps + products * PRODUCT.dsps,
    ramb36: 0,
  };
};

/** Counted. */
export const gateNormalizer: Resources = { luts: 645, flipFlops: 272, dsps: 3, ramb36: 0 };
export const headRow: Resources = { luts: 351, flipFlops: 166, dsps: 5, ramb36: 0 };
export const lifetimeOutput: Resources = { luts: 731, flipFlops: 326, dsps: 4, ramb36: 0 };

/** Assumed: two 21-bit adders, selection of a bin from its beat, addresses. */
const gateMerge: Resources = { luts: 150, flipFlops: 100, dsps: 0, ramb36: 0 };

/** Assumed: AXI-Lite slave, two stream ends, loop counters and state machines of the five stages. */
const coreControl: Resources = { luts: 2500, flipFlops: 3000, dsps: 0, ramb36: 0 };

/** Assumed: what an HLS tool's pipeline registers and enables add to the lanes of the hand-written datapath. */
const HLS_OVERHEAD = 1.25;

/** Words × bits that a memory may have before it takes block RAM; 1,024 bits is the automatic limit of Vitis HLS. */
const DISTRIBUTED_BITS = 1024;
/** Shapes of a RAMB18 in simple dual-port use (UG473). */
const RAMB18_SHAPES = [
  [512, 36],
  [1024, 18],
  [2048, 9],
  [4096, 4],
  [8192, 2],
  [16384, 1],
] as const;

/** A memory with a read and a write port. Distributed: RAM32M holds 32 × 6, RAM64M 64 × 3 bits, in 4 LUTs (UG474). */
export function memory(words: number, bits: number): Resources {
  if (words * bits <= DISTRIBUTED_BITS) {
    const luts = words <= 32 ? 4 * Math.ceil(bits / 6) : 4 * Math.ceil(words / 64) * Math.ceil(bits / 3);
    return { ...NOTHING, luts };
  }
  const halves = RAMB18_SHAPES.map(([depth, width]) => Math.ceil(words / depth) * Math.ceil(bits / width));
  return { ...NOTHING, ramb36: Math.min(...halves) / 2 };
}

/** Between two stages that work at the same time: a half to write, a half to read. */
const pingPong = (words: number, bits: number): Resources => memory(2 * words, bits);

/** Of one lane; arrays as in hls/core/core.h and gru_encoder.h. */
function laneMemories({ bins, gates, hidden, head, unroll, turns }: CoreSize): Resources {
  return sumOf([
    pingPong(turns * beatsOf(bins), 64),
    memory(turns * gates, 21),
    pingPong(turns * gates, 11),
    times(pingPong(turns, 21), 3),
    times(pingPong((turns * hidden) / 4, 16), 4),
    times(memory((turns * hidden) / unroll, 8), 2 * unroll),
    memory(turns * head, 16),
    pingPong(2 * turns, 64),
  ]);
}

/** Read by all lanes at once. Rows z, r, nh; the head; biases, input weights and shifts of a unit. */
function weightMemories({ hidden, head, unroll }: CoreSize): Resources {
  return sumOf([
    times(memory((hidden * hidden) / unroll, 8 * unroll), 3),
    memory((head * hidden) / 4, 32),
    memory(head, 32),
    memory(head, 36),
    memory(hidden, 4 * 23 + 2 * 24 + 4 * 5),
  ]);
}

export function laneResources(size: CoreSize): Resources {
  const logic = sumOf([gruUnit(size.unroll), gateNormalizer, headRow, lifetimeOutput, gateMerge]);
  const [luts, flipFlops] = [logic.luts * HLS_OVERHEAD, logic.flipFlops * HLS_OVERHEAD];
  return sumOf([{ ...logic, luts, flipFlops }, laneMemories(size)]);
}

export const coreResources = (size: CoreSize): Resources =>
  sumOf([coreControl, weightMemories(size), times(laneResources(size), size.lanes)]);

/** Bits of a RAMB36 without those for parity. */
const RAMB36_BITS = 32768;

/** Both halves of the histogram memory, 2^wordBits words of 64 bit each. */
export const histogramRamb36 = (wordBits: number): number =>
  Math.ceil((2 * 64 * 2 ** wordBits) / RAMB36_BITS);

/** Counted: flimd_device without histogram memory and payload buffers. */
const DEVICE: Resources = { luts: 8700, flipFlops: 4700, dsps: 14, ramb36: 2 };
/** Payload buffers: two banks each for histograms and for lifetimes. */
const PAYLOAD_BUFFERS = 4;

export function deviceResources({ memory: { wordBits, payloadBits } }: Pick<Board, 'memory'>): Resources {
  const payload = (PAYLOAD_BUFFERS * 8 * 2 ** payloadBits) / RAMB36_BITS;
  return { ...DEVICE, ramb36: DEVICE.ramb36 + histogramRamb36(wordBits) + Math.ceil(payload) };
}

/** Counted: fx3_slave_fifo and register_port. */
export const fx3Link: Resources = { luts: 548, flipFlops: 594, dsps: 0, ramb36: 0 };
/** Assumed, on the high side: AMD's own figures for the IP were not at hand. */
const xdmaLink: Resources = { luts: 25_000, flipFlops: 25_000, dsps: 0, ramb36: 60 };
const LINK: Record<Board['link']['kind'], Resources> = { fx3: fx3Link, xdma: xdmaLink };

/** Assumed: clock and reset blocks, AXI interconnect, camera head of the block design. */
const BOARD_GLUE: Resources = { luts: 3000, flipFlops: 3500, dsps: 0, ramb36: 0 };

export const bitstreamResources = (board: Board, size: CoreSize): Resources =>
  sumOf([coreResources(size), deviceResources(board), LINK[board.link.kind], BOARD_GLUE]);
