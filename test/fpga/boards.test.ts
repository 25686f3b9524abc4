import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { boardNamed, boards } from '../../src/fpga/boards.js';
import { planGates } from '../../src/lifetime/gate-plan.js';
import { loadNamedModel } from '../../src/lifetime/model-library.js';
import { FlimdError } from '../../src/protocol/index.js';

const models = path.resolve(import.meta.dirname, '../../models');
const BYTES_PER_BIN = 2;

describe.each(boards)('the board $name', ({ sensor, core, memory, part, serial }) => {
  it('computes the lifetimes of a frame within its period, by the recurrence of the encoder', async () => {
    const { network } = await loadNamedModel(core.model, models);
    const cyclesPerPixel = (network.gates * network.hidden * network.hidden) / core.unroll / core.lanes;
    const frameUs = (sensor.width * sensor.height * cyclesPerPixel) / core.clockMHz;
    expect(frameUs).toBeLessThan(sensor.framePeriodUs);
  });

  it('holds its image in a half of the histogram memory, and both halves in its block RAM', () => {
    expect(sensor.width % 4).toBe(0);
    expect(sensor.bins % 4).toBe(0);
    const words = (sensor.width * sensor.height * sensor.bins) / 4;
    expect(words).toBeLessThanOrEqual(2 ** memory.wordBits);
    // A RAMB36 holds 512 words of 64 bits.
    expect((2 * 2 ** memory.wordBits) / 512).toBeLessThan(0.8 * part.ramb36);
  });

  it('holds a row of histograms in a payload buffer', () => {
    expect(sensor.width * sensor.bins * BYTES_PER_BIN).toBeLessThanOrEqual(2 ** memory.payloadBits);
  });

  it('has wires for every pixel and bin', () => {
    expect(sensor.width * sensor.height).toBeLessThanOrEqual(2 ** sensor.pixelBits);
    expect(sensor.bins).toBeLessThanOrEqual(2 ** sensor.binBits);
  });

  it('carries a model that fits its time axis and its core', async () => {
    const model = await loadNamedModel(core.model, models);
    const timing = {
      binWidthPs: sensor.binWidthFs / 1000,
      laserPeriodPs: sensor.laserPeriodFs / 1000,
      bins: sensor.bins,
    };
    expect(() => planGates(model.timing, timing)).not.toThrow();
    expect(model.network.hidden % core.unroll).toBe(0);
  });

  it('has a serial number that fits its register', () => {
    expect(serial).toMatch(/^[\x20-\x7e]{1,16}$/);
  });
});

describe('boardNamed', () => {
  it('refuses a name that is no board, and tells those that are', () => {
    expect(boardNamed('kc705').part.device).toBe('xc7k325t');
    expect(() => boardNamed('kc706')).toThrow(FlimdError);
    expect(() => boardNamed('kc706')).toThrow(/unknown board "kc706"/);
  });
});
