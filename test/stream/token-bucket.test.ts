import { expect, it } from 'vitest';
import { TokenBucket } from '../../src/stream/index.js';

it('lets a burst of one second through, then the rate, and saves up no more', () => {
  let now = 0;
  const bucket = new TokenBucket(10, () => now);
  const takeAll = () => {
    let taken = 0;
    while (bucket.take()) taken++;
    return taken;
  };
  expect(takeAll()).toBe(10);
  now += 500;
  expect(takeAll()).toBe(5);
  now += 60_000;
  expect(takeAll()).toBe(10);
});
