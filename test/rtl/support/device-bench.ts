import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DeviceCommand, type RegisterName, register } from '../../../src/protocol/index.js';
import { exposuresFile, type Exposure, geometry, injectedFile } from './device-truth.js';
import { rtlFolder, runBench, verilate } from './verilate.js';

/** Modules that are not part of flimd_device. */
const OUTSIDE = new Set([
  'exposure_timer.sv',
  'fx3_slave_fifo.sv',
  'injection_framer.sv',
  'register_port.sv',
  'word_splitter.sv',
]);

export const WORD_BITS = 8;
/** 5 rows of histograms of 12 × 8 bins, 7 of lifetimes with standard errors. */
export const PAYLOAD_BITS = 10;

/** flimd_device with its bench; `changed`: parameters other than those of most tests. */
export function buildDevice(changed: Record<string, number> = {}): Promise<string> {
  const modules = readdirSync(rtlFolder).filter((name) => name.endsWith('.sv') && !OUTSIDE.has(name));
  return verilate({
    top: 'flimd_device',
    sources: ['flimd_device.sv', 'register_file.sv', ...modules.filter((name) => name !== 'flimd_device.sv')],
    testbench: 'flimd_device_tb.cpp',
    parameters: { WORD_BITS, PAYLOAD_BITS, ...changed },
  });
}

/** A line that the bench prints for a command; readable after the run. */
export interface Answer {
  readonly text: string;
  readonly value: number;
}

export const straps = {
  width: geometry.width,
  height: geometry.height,
  bins: geometry.bins,
  binWidthFs: 1_562_500,
  laserPeriodFs: 12_500_000,
  framePeriodUs: 0,
  firmwareVersion: 0x010203,
  deviceKind: 2,
  outputs: 7,
  tickHz: 1_000_000,
  minPhotons: 3,
  temperatureMilliC: 31_000,
  biasMillivolt: 24_700,
  laserRateHz: 80_000_000,
};

/** Clock periods in ps: clk, sensor_clk, link_clk. */
export type Clocks = readonly [number, number, number];

/** A script for firmware/tb/flimd_device_tb.cpp, and what came of it. */
export class DeviceBench {
  exposures: Exposure[] = [];
  injected: Uint8Array[] = [];
  private readonly lines: string[] = [];
  private readonly answers: { text: string }[] = [];

  constructor(clocks: Clocks = [5000, 10_000, 4000], changed: Partial<typeof straps> = {}) {
    for (const [name, value] of Object.entries({ ...straps, ...changed })) this.say(`strap ${name} ${value}`);
    this.say(`clocks ${clocks.join(' ')}`, 'reset');
  }

  say(...lines: string[]): this {
    this.lines.push(...lines);
    return this;
  }

  set(values: Record<string, number>): this {
    return this.say(...Object.entries(values).map(([name, value]) => `set ${name} ${value}`));
  }

  read(name: RegisterName, word = 0): Answer {
    return this.ask(`read ${register(name).address + 4 * word}`);
  }

  write(name: RegisterName, value: number): Answer {
    return this.ask(`write ${register(name).address} ${value}`);
  }

  command(name: keyof typeof DeviceCommand): Answer {
    return this.write('command', DeviceCommand[name]);
  }

  /** A command that the bench answers with a line. */
  ask(line: string): Answer {
    this.say(line);
    const answer = {
      text: '',
      get value(): number {
        return Number(this.text);
      },
    };
    this.answers.push(answer);
    return answer;
  }

  /** Writes the registers and arms; `start` may follow. */
  arm(values: Partial<Record<RegisterName, number>>): Answer {
    for (const [name, value] of Object.entries(values)) this.write(name as RegisterName, value);
    return this.command('arm');
  }

  /** The bytes of the link. Throws what the bench found wrong. */
  async run(program: string, seed: number): Promise<Uint8Array> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'flimd-rtl-'));
    const file = (name: string, content: string | Uint8Array = ''): string => {
      const target = path.join(folder, name);
      writeFileSync(target, content);
      return target;
    };
    try {
      const packets = file('packets');
      const { exitCode, stdout } = await runBench(program, [
        seed,
        file('script', this.lines.join('\n')),
        file('exposures', exposuresFile(this.exposures)),
        packets,
        ...(this.injected.length > 0 ? [file('injected', injectedFile(this.injected))] : []),
      ]);
      if (exitCode !== 0) throw new Error(`the bench failed with ${exitCode}:\n${stdout}`);
      stdout.split('\n').forEach((line, i) => {
        if (this.answers[i]) this.answers[i].text = line;
      });
      return readFileSync(packets);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}
