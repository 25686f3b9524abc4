import { describe, expect, it } from 'vitest';
import { Refusal, RegisterFile } from '../../src/camera-sim/register-file.js';
import { register } from '../../src/protocol/registers.js';

describe('lastRefusal', () => {
  const state = (registers: RegisterFile): number => registers.read(register('lastRefusal').address, 1)[0]!;

  it('counts refused reads and writes and tells which was the last', () => {
    const registers = new RegisterFile(() => null);
    expect(state(registers)).toBe(0);
    expect(() => registers.write(register('width').address, Uint32Array.of(1))).toThrow(Refusal);
    expect(state(registers)).toBe(0x0001_8040);
    expect(() => registers.read(0xffc, 1)).toThrow(Refusal);
    expect(state(registers)).toBe(0x0002_0ffc);
    registers.write(register('series').address, Uint32Array.of(7));
    expect(state(registers)).toBe(0x0002_0ffc);
  });

  it('wraps its count and never looks like a bus without a device', () => {
    const registers = new RegisterFile(() => null);
    for (let i = 0; i < 0x1_0000; i++) {
      expect(() => registers.write(0xffc, Uint32Array.of(0))).toThrow(Refusal);
      if (state(registers) === 0xffff_ffff) expect.unreachable();
    }
    expect(state(registers)).toBe(0x0000_8ffc);
  });
});
