// The boards a bitstream is made for: one place for what is a fact of the board or a choice for it.
// `npm run generate` writes firmware/boards/<board>/config.tcl from here; the budget (docs/fpga.md) reads the same numbers.
import { FlimdError } from '../protocol/index.js';

/** What a device of AMD's 7 series holds (DS180, table of the Kintex-7 family). */
export interface FpgaPart {
  device: string;
  /** As Vivado names it: device, package, speed grade. */
  orderName: string;
  luts: number;
  flipFlops: number;
  dsps: number;
  ramb36: number;
}

/** The link to the host; its clock is the `link_clk` of flimd_device. */
export type BoardLink =
  | {
      kind: 'xdma';
      clockMHz: number;
      dataBits: 64;
      pcieGeneration: 2;
      pcieLanes: 4;
      peakBytesPerSecond: number;
    }
  | { kind: 'fx3'; clockMHz: number; dataBits: 32; peakBytesPerSecond: number };

/** The sensor: photon events arrive in its own clock, at most one a cycle. */
export interface BoardSensor {
  width: number;
  height: number;
  bins: number;
  binWidthFs: number;
  laserPeriodFs: number;
  framePeriodUs: number;
  clockMHz: number;
  /** Wires of the event interface. */
  pixelBits: number;
  binBits: number;
}

/** How the lifetime core is laid out; hls/README.md says what the three numbers do. */
export interface BoardCore {
  /** Folder in models/. */
  model: string;
  clockMHz: number;
  lanes: number;
  unroll: number;
  turns: number;
}

export interface Board {
  name: string;
  title: string;
  part: FpgaPart;
  /** The oscillator the core clock is made from. */
  oscillatorMHz: number;
  link: BoardLink;
  sensor: BoardSensor;
  core: BoardCore;
  /** 64-bit words of a histogram half, and bytes of a payload buffer, as powers of two. */
  memory: { wordBits: number; payloadBits: number };
  /** What the register `serial` holds: at most 16 ASCII characters. */
  serial: string;
}

const CELLS_TIMING = { bins: 64, binWidthFs: 195_313, laserPeriodFs: 12_500_000 };

export const boards: readonly Board[] = [
  {
    name: 'kc705',
    title: 'AMD KC705 (Kintex-7, PCIe gen2 x4 through XDMA)',
    part: {
      device: 'xc7k325t',
      orderName: 'xc7k325tffg900-2',
      luts: 203_800,
      flipFlops: 407_600,
      dsps: 840,
      ramb36: 445,
    },
    oscillatorMHz: 200,
    // 4 lanes of 5 GT/s with 8b/10b coding, before the overhead of PCIe packets; the 64-bit stream at 250 MHz is as fast.
    link: {
      kind: 'xdma',
      clockMHz: 250,
      dataBits: 64,
      pcieGeneration: 2,
      pcieLanes: 4,
      peakBytesPerSecond: 2_000_000_000,
    },
    sensor: {
      width: 64,
      height: 64,
      ...CELLS_TIMING,
      framePeriodUs: 10_000,
      clockMHz: 100,
      pixelBits: 12,
      binBits: 6,
    },
    core: { model: 'cells-12.5ns-32', clockMHz: 200, lanes: 4, unroll: 32, turns: 32 },
    memory: { wordBits: 16, payloadBits: 14 },
    serial: 'KC705-1',
  },
  {
    name: 'k7-fx3',
    title: 'Enclustra Mercury KX1 (Kintex-7, USB 3 through a Cypress FX3)',
    part: {
      device: 'xc7k160t',
      orderName: 'xc7k160tfbg676-1',
      luts: 101_400,
      flipFlops: 202_800,
      dsps: 600,
      ramb36: 325,
    },
    oscillatorMHz: 100,
    // 4 bytes a cycle of GPIF II; the FX3 itself gives about 350 MB/s over USB 3.
    link: { kind: 'fx3', clockMHz: 100, dataBits: 32, peakBytesPerSecond: 400_000_000 },
    sensor: {
      width: 32,
      height: 32,
      ...CELLS_TIMING,
      framePeriodUs: 10_000,
      clockMHz: 100,
      pixelBits: 10,
      binBits: 6,
    },
    core: { model: 'cells-12.5ns-32', clockMHz: 150, lanes: 2, unroll: 32, turns: 32 },
    memory: { wordBits: 14, payloadBits: 13 },
    serial: 'K7-FX3-1',
  },
];

export function boardNamed(name: string): Board {
  const board = boards.find((candidate) => candidate.name === name);
  if (board) return board;
  throw new FlimdError('FLIMD_E_CONFIG', `unknown board "${name}"`, {
    value: name,
    expected: boards.map((known) => known.name).join(', '),
    action: 'name one of these boards, or add yours to src/fpga/boards.ts',
  });
}
