import { existsSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CompressionStudy } from '../../src/evaluation/compression-study.js';
import { evaluateRecordings } from '../../src/evaluation/recordings.js';

const root = path.resolve(import.meta.dirname, '../..');
const recordings = path.resolve(root, '../shared/data');
const present = existsSync(recordings);
if (!present) console.log(`skipped: the recordings with reference lifetimes are not at ${recordings}`);

describe.skipIf(!present)('the packages on the recordings they were made for', () => {
  let found: CompressionStudy['recordings'];

  beforeAll(async () => {
    found = await evaluateRecordings(recordings, path.join(root, 'models'));
    for (const { name, figures, rankCorrelation } of found) {
      console.log(name, figures.map(({ relative }) => relative.toFixed(3)).join(' '), rankCorrelation);
    }
  });

  /** Largest deviation of the medians from the reference. */
  const tolerances = [
    ['cells-sdt', { meanLifetimeAmplitude: 0.04, meanLifetimeIntensity: 0.03 }],
    ['yeast-nadh', { meanLifetimeAmplitude: 0.12, meanLifetimeIntensity: 0.06 }],
  ] as const;

  it.each(tolerances)('%s: medians of every region', (name, tolerance) => {
    const { figures } = found.find((recording) => recording.name === name)!;
    expect(figures.length).toBeGreaterThanOrEqual(2);
    for (const { quantity, relative } of figures) {
      expect(Math.abs(relative)).toBeLessThanOrEqual(tolerance[quantity as keyof typeof tolerance]);
    }
  });

  it('cells-sdt: ranks pixels as the reference does', () => {
    const { rankCorrelation } = found.find(({ name }) => name === 'cells-sdt')!;
    for (const rank of Object.values(rankCorrelation!)) expect(rank).toBeGreaterThanOrEqual(0.85);
  });
});
