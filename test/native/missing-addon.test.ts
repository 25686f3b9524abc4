import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ServiceNotifier as Notifier } from '../../src/service/index.js';

const root = path.resolve(import.meta.dirname, '../..');
let place: string;

/** An installation of flimd whose native part was never built. */
beforeEach(() => {
  place = mkdtempSync(path.join(tmpdir(), 'flimd-missing-'));
  for (const room of ['protocol', 'lifetime', 'service', 'native-addon.js']) {
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

it('without the addon the daemon goes on as no service, with one warning', async () => {
  const module = pathToFileURL(path.join(place, 'dist/service/index.js')).href;
  const { ServiceNotifier } = (await import(/* @vite-ignore */ module)) as {
    ServiceNotifier: typeof Notifier;
  };
  const warn = vi.fn();
  const env = { NOTIFY_SOCKET: '/run/systemd/notify' };
  const parts = { env, checkHealth: async () => {}, status: () => 'idle', log: { warn } as any };
  expect(ServiceNotifier.from(parts)).toBeNull();
  expect(warn.mock.calls).toEqual([
    [{ error: expect.objectContaining({ code: 'FLIMD_E_NATIVE_MISSING' }) }, expect.any(String)],
  ]);
});
