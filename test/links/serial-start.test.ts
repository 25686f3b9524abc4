import { describe, expect, it } from 'vitest';
import type { Daemon } from '../../src/daemon.js';
import type { RunState } from '../../src/protocol/stream.js';
import { serialPath, slowControlPort, until } from './serial-fixture.js';
import { ask, biasIs, daemonWith, slowControlOf, statusOf } from './slow-control-daemon.js';

const automatic = { 'acquisition.autoStart': true };

const stateIs = (daemon: Daemon, name: RunState) =>
  until(
    () => statusOf(daemon),
    ({ state }) => state.name === name,
  );

/** The slow control is there and ready, and what that may have set going has had its time. */
async function settled(daemon: Daemon): Promise<void> {
  await until(
    () => slowControlOf(daemon),
    ({ values, alarms }) => values !== null && alarms.length === 0,
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
}

describe('a run that was to start by itself', () => {
  it('starts when a slow control appears that was not there', async () => {
    const path = serialPath();
    const daemon = await daemonWith({ path }, {}, automatic);
    const { state } = await statusOf(daemon);
    expect(state).toMatchObject({
      name: 'idle',
      error: { code: 'FLIMD_E_LINK_LOST', action: expect.stringContaining('the run then starts by itself') },
    });
    slowControlPort({}, path);
    expect((await stateIs(daemon, 'acquiring')).state.error).toBeNull();
  });

  it('brings the bias up first, where that is configured', async () => {
    const path = serialPath();
    const daemon = await daemonWith({ path }, { biasWithRun: true }, automatic);
    const port = slowControlPort({}, path);
    port.physics.setpoints.biasRampMvPerS = 50_000;
    const { slowControl } = await stateIs(daemon, 'acquiring');
    expect(slowControl!.bias).toBe('on');
  });

  it('starts when an alarm that stood in its way has been acknowledged, not when its cause is gone', async () => {
    const port = slowControlPort();
    port.physics.breakDown('interlock');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const daemon = await daemonWith(port, {}, automatic);
    expect((await statusOf(daemon)).state).toMatchObject({ name: 'idle', error: { code: 'FLIMD_E_ALARM' } });
    port.physics.repair('interlock');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await statusOf(daemon)).state.name).toBe('idle');
    await ask(daemon, 'POST', 'slow-control/acknowledge');
    await stateIs(daemon, 'acquiring');
  });

  it('does not start after an operator has stopped, though there was nothing to stop', async () => {
    const path = serialPath();
    const daemon = await daemonWith({ path }, {}, automatic);
    expect((await ask(daemon, 'POST', 'stop')).body.error.code).toBe('FLIMD_E_STATE');
    slowControlPort({}, path);
    await settled(daemon);
    expect((await statusOf(daemon)).state.name).toBe('idle');
    expect((await ask(daemon, 'POST', 'arm')).status).toBe(200);
  });

  it('does not start where no model fits, whatever the slow control does', async () => {
    const path = serialPath();
    const unfit = { camera: 'sim:width=16&height=16&laserPeriodPs=7000', 'lifetime.mode': 'host' };
    const daemon = await daemonWith({ path }, {}, { ...automatic, ...unfit });
    const refused = (await statusOf(daemon)).state.error;
    expect(refused!.code).toMatch(/^FLIMD_E_MODEL_/);
    slowControlPort({}, path);
    await settled(daemon);
    expect((await statusOf(daemon)).state).toMatchObject({ name: 'idle', error: refused });
  });

  it('is not begun again after an alarm has ended it: that is for the operator', async () => {
    const port = slowControlPort();
    const daemon = await daemonWith(port, {}, automatic);
    await stateIs(daemon, 'acquiring');
    port.physics.breakDown('interlock');
    await stateIs(daemon, 'error');
    await biasIs(daemon, 'off');
    port.physics.repair('interlock');
    await ask(daemon, 'POST', 'slow-control/acknowledge');
    await settled(daemon);
    expect((await statusOf(daemon)).state.name).toBe('error');
  });
});
