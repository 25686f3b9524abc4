import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { loadConfig } from '../../src/config/index.js';
import { FlimdError } from '../../src/protocol/errors.js';
import { assembleRun, type RunParts } from '../../src/run/assemble-run.js';
import { openCamera } from '../../src/run/camera-connection.js';

let folder: string;
let run: RunParts;

/** A virtual camera, connected; every series is to be recorded. */
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'flimd-run-'));
  const settings = {
    camera: 'sim:width=32&height=24',
    'recording.everySeries': true,
    'recording.directory': folder,
    'recording.minFreeBytes': 0,
  };
  const overrides = Object.entries(settings).map(([key, value]) => ({ key, value, from: 'test' }));
  const config = loadConfig({ overrides, env: {} });
  run = await assembleRun(config, pino({ level: 'silent' }), () => null);
  run.controller.machine.do('initialize', 'test');
  run.controller.connected(await openCamera(config.camera, run.acquisition));
});
afterEach(async () => {
  await run.end();
  await run.acquisition.close();
  await run.stream.close();
  rmSync(folder, { recursive: true, force: true });
});

it('refuses a run that something forbids while its file is being opened', async () => {
  const { controller, recorder } = run;
  const armed = controller.arm().catch((error: unknown) => error);
  await vi.waitUntil(() => controller.machine.state === 'armed');
  expect([controller.run, recorder.status.current]).toEqual([null, null]);
  // Set-points are fixed already.
  expect(controller.isRunning).toBe(true);
  await controller.fail(new FlimdError('FLIMD_E_ALARM', 'alarm of the slow control: slowControlLost'));
  expect(await armed).toMatchObject({
    code: 'FLIMD_E_STATE',
    message: expect.stringContaining('slowControlLost'),
  });
  expect(controller.machine.status).toMatchObject({ name: 'error', error: { code: 'FLIMD_E_ALARM' } });
  expect(readdirSync(folder)).toEqual([]);
});

it('ends a run whose recording cannot be ended', async () => {
  const { controller, recorder } = run;
  await controller.arm();
  vi.spyOn(recorder, 'seriesWithdrawn').mockRejectedValueOnce(new Error('the disk is gone'));
  await controller.lost(new FlimdError('FLIMD_E_LINK_LOST', 'unplugged'));
  expect([controller.machine.state, controller.run]).toEqual(['disconnected', null]);
});

it('does not arm a camera that was lost while the run was planned, though another is there', async () => {
  const { controller, acquisition } = run;
  const another = await openCamera('sim:width=16&height=16', acquisition);
  const armed = controller.arm().catch((error: unknown) => error);
  await Promise.resolve();
  const lost = controller.lost(new FlimdError('FLIMD_E_LINK_LOST', 'unplugged'));
  controller.machine.do('initialize', 'test');
  controller.connected(another);
  await lost;
  expect(await armed).toMatchObject({ code: 'FLIMD_E_LINK_LOST', message: expect.stringContaining('anew') });
  expect([controller.machine.state, controller.run]).toEqual(['idle', null]);
});
