import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Watchdog } from '../../src/service/watchdog.js';

const INTERVAL_MS = 1000;

describe('the watchdog', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function start(checkHealth: () => Promise<void>) {
    const beat = vi.fn();
    const silent = vi.fn();
    const watchdog = new Watchdog({ intervalMs: INTERVAL_MS, checkHealth, beat, silent });
    return { watchdog, beat, silent };
  }

  it('beats at once and once an interval while it is answered', async () => {
    const { beat, silent } = start(async () => {});
    await vi.advanceTimersByTimeAsync(0);
    expect(beat).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(5 * INTERVAL_MS);
    expect(beat).toHaveBeenCalledTimes(6);
    expect(silent).not.toHaveBeenCalled();
  });

  it('falls silent while a question stays without an answer, asks no other, and goes on after it', async () => {
    let answer!: () => void;
    const checkHealth = vi.fn(() => new Promise<void>((resolve) => (answer = resolve)));
    const { beat, silent } = start(checkHealth);
    await vi.advanceTimersByTimeAsync(10 * INTERVAL_MS);
    expect(beat).not.toHaveBeenCalled();
    expect(checkHealth).toHaveBeenCalledTimes(1);
    expect(silent.mock.calls).toEqual([['no answer']]);
    answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(beat).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(3 * INTERVAL_MS);
    expect(checkHealth).toHaveBeenCalledTimes(2);
    expect(silent).toHaveBeenCalledTimes(2);
  });

  it('does not beat for a part that has failed', async () => {
    const failure = new Error('the acquisition thread failed');
    const { beat, silent } = start(() => Promise.reject(failure));
    await vi.advanceTimersByTimeAsync(3 * INTERVAL_MS);
    expect(beat).not.toHaveBeenCalled();
    expect(silent.mock.calls).toEqual([[failure]]);
  });

  it('ends', async () => {
    const { watchdog, beat } = start(async () => {});
    await vi.advanceTimersByTimeAsync(0);
    watchdog.stop();
    await vi.advanceTimersByTimeAsync(3 * INTERVAL_MS);
    expect(beat).toHaveBeenCalledTimes(1);
  });
});
