import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
let place: string;

/** An installation of flimd whose native part was never built. */
beforeEach(() => {
  place = mkdtempSync(path.join(tmpdir(), 'flimd-missing-'));
  for (const room of ['protocol', 'lifetime', 'native-addon.js']) {
    cpSync(path.join(root, 'dist', room), path.join(place, 'dist', room), { recursive: true });
  }
  writeFileSync(path.join(place, 'package.json'), '{"type":"module"}');
});
afterEach(() => rmSync(place, { recursive: true }));

it('a missing addon is a FlimdError that says what to run', async () => {
  const module = pathToFileURL(path.join(place, 'dist/lifetime/native.js')).href;
  const { simdNames } = (await import(/* @vite-ignore */ module)) as { simdNames: () => string[] };
  expect(simdNames).toThrow(
    expect.objectContaining({
      code: 'FLIMD_E_NATIVE_MISSING',
      details: expect.objectContaining({ action: expect.stringContaining('npm run build:native') }),
    }),
  );
});
