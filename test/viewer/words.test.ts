import { describe, expect, it } from 'vitest';
import { decayNote } from '../../viewer/src/decay-note.js';
import { MedianMeter, RateMeter } from '../../viewer/src/meters.js';
import { pileUp } from '../../viewer/src/pile-up.js';
import { veilWords, type VeilContent } from '../../viewer/src/veil.js';
import { age, short, withError } from '../../viewer/src/wording.js';
import { daemonStatus } from '../stream/sample-messages.js';

describe('numbers', () => {
  it('short keeps three digits', () => {
    expect([0, 7, 7.25, 999, 999.9, 1000, 12_345, 999_700, 3.2e6, 1.5e9].map(short)).toEqual([
      '0',
      '7',
      '7.3',
      '999',
      '1.00 k',
      '1.00 k',
      '12.3 k',
      '1.00 M',
      '3.20 M',
      '1.50 G',
    ]);
  });

  it('a lifetime has the digits that its standard error leaves', () => {
    expect(withError(2312, 120)).toBe('2.31 ± 0.12');
    expect(withError(2312, 45)).toBe('2.312 ± 0.045');
    expect(withError(2312, 1)).toBe('2.312 ± 0.001');
    expect(withError(2315, 99)).toBe('2.315 ± 0.099');
    expect(withError(2319, 100)).toBe('2.32 ± 0.10');
    expect(withError(400, 1650)).toBe('0.40 ± 1.65');
  });

  it('age grows coarser', () => {
    expect([12, 999, 4230, 61_000, 7_300_000].map(age)).toEqual([
      '10 ms',
      '1000 ms',
      '4.2 s',
      '1 min',
      '2 h',
    ]);
  });
});

describe('meters', () => {
  it('count frames a second and fall when none come', () => {
    const meter = new RateMeter();
    for (let at = 0; at <= 1000; at += 50) meter.tick(at);
    expect(meter.perSecond(1000)).toBeCloseTo(20);
    expect(meter.perSecond(2000)).toBeLessThan(12);
    expect(meter.perSecond(5000)).toBe(0);
  });

  it('take the median of the last values', () => {
    const meter = new MedianMeter(3);
    expect(meter.median).toBeNull();
    for (const value of [900, 5, 7, 6]) meter.add(value);
    expect(meter.median).toBe(6);
  });
});

describe('pile-up', () => {
  it('is notable above a twentieth of the laser rate and severe above a fifth', () => {
    expect([0, 0.05, 0.051, 0.2, 0.21].map(pileUp)).toEqual(['none', 'none', 'notable', 'notable', 'severe']);
  });
});

describe('words over the map', () => {
  const content: VeilContent = {
    standing: 'live',
    connection: { name: 'open' },
    status: daemonStatus(),
    frameAgeMs: 4200,
    now: 0,
  };

  it('are none while it is live', () => {
    expect(veilWords(content)).toBeNull();
  });

  it('say how long a stale picture has been stale', () => {
    expect(veilWords({ ...content, standing: 'stale' })).toEqual({
      kind: 'veil',
      title: 'STALE',
      text: 'The newest frame is 4.2 s old.',
    });
  });

  it('tell a missing daemon from a missing camera', () => {
    const away = { ...content, standing: 'disconnected' as const };
    const waiting = { name: 'waiting' as const, attempt: 3, retryAt: 1500 };
    expect(veilWords({ ...away, connection: waiting })?.text).toBe(
      'This picture is 4.2 s old. The daemon does not answer. Next attempt in 2 s.',
    );
    expect(veilWords(away)?.text).toContain('The daemon has no camera: start.');
  });

  it('invite to start where there is nothing to see', () => {
    expect(veilWords({ ...content, standing: 'stopped', frameAgeMs: null })?.title).toBe('READY');
    expect(veilWords({ ...content, standing: 'stopped' })?.kind).toBe('tag');
    const error = { code: 'FLIMD_E_MODEL_NOT_FOUND' as const, message: 'no model fits' };
    const status = { ...daemonStatus(), state: { name: 'idle' as const, since: 0, cause: '', error } };
    expect(veilWords({ ...content, standing: 'stopped', frameAgeMs: null, status })).toMatchObject({
      title: 'NOT RUNNING',
      text: 'no model fits.',
    });
  });
});

describe('why there is no decay', () => {
  const status = daemonStatus();
  const live = { picked: true, frozen: false, running: true, status };

  it('names the first thing in the way', () => {
    const lifetimesOnly = { ...status, camera: { ...status.camera!, outputs: ['lifetimes' as const] } };
    const onDevice = { ...status, lifetime: { ...status.lifetime, source: 'device' as const } };
    expect(decayNote({ ...live, picked: false })).toContain('Click a pixel');
    expect(decayNote({ ...live, frozen: true })).toContain('frozen');
    expect(decayNote({ ...live, running: false })).toContain('No run');
    expect(decayNote({ ...live, status: lifetimesOnly })).toContain('lifetimes only');
    expect(decayNote({ ...live, status: onDevice })).toContain('acquisition.histograms');
    expect(decayNote(live)).toContain('Waiting');
  });
});
