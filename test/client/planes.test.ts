import { describe, expect, it } from 'vitest';
import { planeArray, readPlanes } from '../../src/client/planes.js';
import type { FrameMessage } from '../../src/protocol/stream.js';
import { frameMessage, startMessage } from '../stream/sample-messages.js';

const { planes: descriptions } = startMessage();
const frame = (): FrameMessage => ({ ...frameMessage(3, { width: 6, height: 5, partial: true }), sentAt: 0 });

describe('planeArray', () => {
  const memory = Uint8Array.from({ length: 64 }, (_, i) => i);

  it('is a view where the bytes are aligned', () => {
    const plane = planeArray('u32', memory.subarray(8, 24));
    expect(plane).toBeInstanceOf(Uint32Array);
    expect(plane.buffer).toBe(memory.buffer);
    expect([...plane]).toEqual([0x0b0a0908, 0x0f0e0d0c, 0x13121110, 0x17161514]);
  });

  it.each([1, 2, 3])('copies where they are %i off, with the same values', (shift) => {
    const plane = planeArray('u32', memory.subarray(8 + shift, 24 + shift));
    expect(plane.buffer).not.toBe(memory.buffer);
    const view = new DataView(memory.buffer);
    expect([...plane]).toEqual([0, 4, 8, 12].map((at) => view.getUint32(8 + shift + at, true)));
  });

  it('reads a slice of a pooled Node buffer', () => {
    const pooled = Buffer.from([0, 1, 0, 2, 0]).subarray(1);
    expect([...planeArray('u16', pooled)]).toEqual([1, 2]);
  });
});

describe('readPlanes', () => {
  it('gives every announced plane its type', () => {
    const planes = readPlanes(frame(), descriptions);
    expect(planes.meanLifetimeAmplitude).toBeInstanceOf(Uint16Array);
    expect(planes.photons).toBeInstanceOf(Uint32Array);
    expect(planes.photons[7]).toBe(7 * 65_537 + 3);
  });

  it.each([
    ['a plane is missing', (f: FrameMessage) => delete f.planes.photons],
    ['a plane is short', (f: FrameMessage) => (f.planes.photons = f.planes.photons!.subarray(4))],
    ['the frame is larger than its planes', (f: FrameMessage) => (f.width = 7)],
    ['the row mask is short', (f: FrameMessage) => (f.rowsValid = new Uint8Array(4))],
  ])('refuses the frame where %s', (_, damage) => {
    const damaged = frame();
    damage(damaged);
    expect(() => readPlanes(damaged, descriptions)).toThrow(/wrong size/);
  });
});
