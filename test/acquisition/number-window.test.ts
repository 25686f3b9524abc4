import { describe, expect, it } from 'vitest';
import { type Arrival, NumberWindow } from '../../src/acquisition/number-window.js';
import { Random } from '../../src/random/random.js';

/** What the window must say, from a set of everything seen. */
class Model {
  readonly numbers = new Set<number>();
  highest = -1;

  observe(number: number): Arrival {
    if (this.numbers.has(number)) return 'repeated';
    this.numbers.add(number);
    if (number < this.highest) return 'reordered';
    this.highest = number;
    return 'next';
  }
}

const low32 = (number: number): number => number % 2 ** 32;

function shuffled(numbers: number[], random: Random, reach: number): number[] {
  const keyed = numbers.map((number, i) => ({ number, key: i + random.uniform() * reach }));
  return keyed.sort((a, b) => a.key - b.key).map(({ number }) => number);
}

describe('NumberWindow', () => {
  it.each([
    ['in order', 0],
    ['slightly reordered', 3],
    ['reordered over half the window', 500],
    ['in any order', 1e9],
  ])('tells new, late and repeated numbers exactly: %s', (_, reach) => {
    const random = new Random(1, reach);
    const all = Array.from({ length: reach > 1000 ? 1000 : 20_000 }, (_, i) => i);
    const sent = all.filter(() => random.below(20) !== 0);
    const arriving = shuffled(sent, random, reach).flatMap((n) => (random.below(15) === 0 ? [n, n] : [n]));
    const window = new NumberWindow(1024);
    const model = new Model();
    const said = arriving.map((number) => window.observe(number));
    expect(said).toEqual(arriving.map((number) => model.observe(number)));
    expect(window.seen).toBe(model.numbers.size);
    expect(window.highest).toBe(model.highest);
    expect(window.missing).toBe(model.highest + 1 - model.numbers.size);
  });

  it('is exact across the wrap of 32-bit numbers', () => {
    const random = new Random(2);
    const window = new NumberWindow(1024);
    const model = new Model();
    const longestJump = 2 ** 31 - 1;
    for (let at = 0; at < 2 ** 33; at += longestJump) {
      window.observe(low32(at));
      model.observe(at);
    }
    const from = model.highest;
    const run = shuffled(
      Array.from({ length: 5000 }, (_, i) => from + i),
      random,
      200,
    );
    for (const number of run) expect(window.observe(low32(number))).toBe(model.observe(number));
    expect(window.highest).toBe(model.highest);
    expect(window.highest).toBeGreaterThan(2 ** 32);
    expect(window.seen).toBe(model.numbers.size);
  });

  it('forgets what lay one window back, also after a jump over the whole window', () => {
    const window = new NumberWindow(64);
    for (let number = 0; number < 64; number++) expect(window.observe(number)).toBe('next');
    expect(window.observe(1000)).toBe('next');
    for (let number = 937; number < 1000; number++) expect(window.observe(number)).toBe('reordered');
    expect(window.missing).toBe(1001 - 128);
  });

  it('takes a number from before the window for a repeated one: nothing is counted twice', () => {
    const window = new NumberWindow(64);
    window.observe(0);
    window.observe(100);
    expect(window.observe(36)).toBe('repeated');
    expect(window.observe(37)).toBe('reordered');
    expect(window.seen).toBe(3);
  });

  it('does not take a number from before the first for a new one', () => {
    const window = new NumberWindow(64);
    expect(window.observe(0xffffffff)).toBe('repeated');
    expect(window.highest).toBe(-1);
    expect(window.observe(0)).toBe('next');
  });

  it('gives the number nearest to the highest', () => {
    const window = new NumberWindow(64);
    for (let at = 0; at <= 3 * 2 ** 31; at += 2 ** 30) window.observe(low32(at));
    expect(window.unwrap(low32(3 * 2 ** 31 - 5))).toBe(3 * 2 ** 31 - 5);
    expect(window.unwrap(low32(3 * 2 ** 31 + 5))).toBe(3 * 2 ** 31 + 5);
  });
});
