import { describe, expect, it, onTestFinished } from 'vitest';
import type { Daemon } from '../../src/daemon.js';
import { connectClient, nextFrame } from '../support/flimd-process.js';
import { slowControlPort, until } from './serial-fixture.js';
import { ask, biasIs, daemonWith, patience, slowControlOf, statusOf } from './slow-control-daemon.js';

/** The bias is up, and a run that has delivered a frame is under way. */
async function running(daemon: Daemon) {
  await ask(daemon, 'PUT', 'slow-control', { biasRampMvPerS: 50_000 });
  expect((await ask(daemon, 'POST', 'slow-control/bias-on')).status).toBe(200);
  await biasIs(daemon, 'on');
  const client = connectClient(daemon.url);
  onTestFinished(() => client.close());
  const frame = nextFrame(client);
  expect((await ask(daemon, 'POST', 'arm')).status).toBe(200);
  expect((await ask(daemon, 'POST', 'start')).status).toBe(200);
  await frame;
  return client;
}

describe('an alarm of the slow control', () => {
  it.each(['overTemperature', 'laserSyncLost'] as const)(
    'ends the run and ramps the bias down: %s',
    async (alarm) => {
      const port = slowControlPort();
      const daemon = await daemonWith(port);
      const client = await running(daemon);
      const states = new Set<string>();
      const watching = setInterval(() => states.add(port.physics.supply.state), 5);
      onTestFinished(() => clearInterval(watching));
      const ended = client.once('end');
      port.physics.breakDown(alarm);
      const end = await ended;
      expect(end).toMatchObject({ reason: 'error', cause: expect.stringContaining(alarm) });
      expect(end.conservation.every(({ holds }) => holds)).toBe(true);
      const { alarms } = await biasIs(daemon, 'off');
      expect(alarms).toContain(alarm);
      // Ramped, not cut.
      expect(states).toContain('rampingDown');
      expect(port.physics.supply.voltageMv).toBe(0);
      const status = await statusOf(daemon);
      expect(status.state).toMatchObject({ name: 'error', error: { code: 'FLIMD_E_ALARM', value: [alarm] } });
      expect(status.lastRun).toMatchObject({ reason: 'error', cause: end.cause });
    },
  );

  it('keeps the bias down and runs away until it has been acknowledged', async () => {
    const port = slowControlPort();
    const daemon = await daemonWith(port);
    const client = await running(daemon);
    const ended = client.once('end');
    port.physics.breakDown('interlock');
    expect((await ended).cause).toContain('interlock');
    await biasIs(daemon, 'off');
    expect((await ask(daemon, 'POST', 'disarm')).status).toBe(200);
    for (const path of ['arm', 'slow-control/bias-on']) {
      const refused = await ask(daemon, 'POST', path);
      expect([refused.status, refused.body.error.code]).toEqual([409, 'FLIMD_E_ALARM']);
    }
    const still = await ask(daemon, 'POST', 'slow-control/acknowledge');
    expect(still.body.alarms).toEqual(['interlock']);
    port.physics.repair('interlock');
    expect((await ask(daemon, 'POST', 'slow-control/acknowledge')).body.alarms).toEqual([]);
    expect((await ask(daemon, 'POST', 'slow-control/bias-on')).status).toBe(200);
    await biasIs(daemon, 'on');
    expect((await ask(daemon, 'POST', 'arm')).status).toBe(200);
  });

  it('leaves a daemon without a run as it is, but takes the bias down', async () => {
    const port = slowControlPort();
    const daemon = await daemonWith(port);
    await ask(daemon, 'PUT', 'slow-control', { biasRampMvPerS: 100_000 });
    await ask(daemon, 'POST', 'slow-control/bias-on');
    await biasIs(daemon, 'on');
    port.physics.breakDown('overTemperature');
    await biasIs(daemon, 'off');
    expect((await statusOf(daemon)).state.name).toBe('idle');
  });
});

describe('the loss of the slow control', () => {
  it('is an alarm while the bias is up: silence ends the run, and the camera takes its bias down', async () => {
    const port = slowControlPort();
    const daemon = await daemonWith(port);
    const client = await running(daemon);
    const ended = client.once('end');
    // No request comes through any more, so the camera does not hear the host either.
    port.cut();
    expect(await ended).toMatchObject({
      reason: 'error',
      cause: expect.stringContaining('slowControlLost'),
    });
    await until(
      () => port.physics.supply.state,
      (state) => state === 'off',
    );
    const lost = await slowControlOf(daemon);
    expect(lost).toMatchObject({ connected: false, bias: null, error: { code: 'FLIMD_E_LINK_TIMEOUT' } });
    port.mend();
    const back = await until(
      () => slowControlOf(daemon),
      ({ connected, values }) => connected && values !== null,
    );
    expect(back.alarms.sort()).toEqual(['hostSilent', 'slowControlLost']);
    expect((await ask(daemon, 'POST', 'slow-control/acknowledge')).body.alarms).toEqual([]);
  });

  it('is noticed when the plug is pulled, and a port that returns is opened again', async () => {
    const port = slowControlPort();
    const daemon = await daemonWith(port);
    const client = await running(daemon);
    const ended = client.once('end');
    port.close();
    expect((await ended).cause).toContain('slowControlLost');
    const gone = await slowControlOf(daemon);
    expect(gone.connected).toBe(false);
    slowControlPort({}, port.path);
    const back = await until(
      () => slowControlOf(daemon),
      ({ connected, values }) => connected && values !== null,
    );
    expect(back).toMatchObject({ serial: 'SIM-00000001', bias: 'off', alarms: ['slowControlLost'] });
  });

  it('is guarded against by the camera, also by one that was switched off and on again', async () => {
    const port = slowControlPort();
    await daemonWith(port);
    expect(port.physics.setpoints.hostTimeoutMs).toBe(patience.hostTimeoutMs);
    port.physics.setpoints.hostTimeoutMs = 0;
    await until(
      () => port.physics.setpoints.hostTimeoutMs,
      (ms) => ms === patience.hostTimeoutMs,
    );
  });

  it('with the bias down is no alarm, but no run begins without it', async () => {
    const port = slowControlPort();
    const daemon = await daemonWith(port);
    port.close();
    const gone = await until(
      () => slowControlOf(daemon),
      ({ connected }) => !connected,
    );
    expect(gone.alarms).toEqual([]);
    const refused = await ask(daemon, 'POST', 'arm');
    expect([refused.status, refused.body.error.code]).toEqual([503, 'FLIMD_E_LINK_LOST']);
    expect((await statusOf(daemon)).state.name).toBe('idle');
  });
});

describe('a run with the slow control', () => {
  it('brings the bias up first, and the end of the daemon takes it down', async () => {
    const port = slowControlPort();
    port.physics.setpoints.biasRampMvPerS = 50_000;
    const daemon = await daemonWith(port, { biasWithRun: true }, { 'acquisition.autoStart': true });
    const { state, slowControl } = await statusOf(daemon);
    expect([state.name, slowControl!.bias]).toEqual(['acquiring', 'on']);
    await daemon.close();
    expect(port.physics.supply.state).toBe('off');
    expect(port.physics.supply.voltageMv).toBe(0);
  });

  it('leaves the bias up at the end where it is told to, and tells the camera not to miss it', async () => {
    const port = slowControlPort();
    port.physics.setpoints.biasRampMvPerS = 50_000;
    const daemon = await daemonWith(port, { biasOffAtEnd: false });
    await ask(daemon, 'POST', 'slow-control/bias-on');
    await biasIs(daemon, 'on');
    await daemon.close();
    expect(port.physics.supply.state).toBe('on');
    expect(port.physics.setpoints.hostTimeoutMs).toBe(0);
  });

  it('is refused where the slow control is that of another camera', async () => {
    const daemon = await daemonWith(slowControlPort({ serial: 'SIM-OTHER' }));
    const refused = await ask(daemon, 'POST', 'arm');
    expect([refused.status, refused.body.error]).toMatchObject([
      400,
      { code: 'FLIMD_E_CONFIG', expected: expect.stringContaining('SIM-00000001') },
    ]);
  });

  it('keeps its set-points, but the bias can always be taken down', async () => {
    const port = slowControlPort();
    const daemon = await daemonWith(port);
    await running(daemon);
    const refused = await ask(daemon, 'PUT', 'slow-control', { gateDelayPs: 100 });
    expect([refused.status, refused.body.error.code]).toEqual([409, 'FLIMD_E_STATE']);
    expect((await ask(daemon, 'POST', 'slow-control/bias-off')).status).toBe(200);
    await biasIs(daemon, 'off');
  });
});

describe('the REST interface of the slow control', () => {
  it('sets what is within the limits; of several values all or none', async () => {
    const port = slowControlPort();
    const daemon = await daemonWith(port);
    const set = await ask(daemon, 'PUT', 'slow-control', { gateDelayPs: 4000, coolerSetpointMc: -5000 });
    expect(set.status).toBe(200);
    expect(set.body.values).toMatchObject({ gateDelayPs: 4000, coolerSetpointMc: -5000 });
    const refused = await ask(daemon, 'PUT', 'slow-control', {
      gateDelayPs: 1,
      excessVoltageSetpointMv: 9999,
    });
    expect([refused.status, refused.body.error]).toMatchObject([
      400,
      { code: 'FLIMD_E_LIMITS', value: 9999, expected: expect.stringContaining('0 to 6000') },
    ]);
    expect(port.physics.setpoints.gateDelayPs).toBe(4000);
    const unknown = await ask(daemon, 'PUT', 'slow-control', { hostTimeoutMs: 0 });
    expect([unknown.status, unknown.body.error.code]).toEqual([400, 'FLIMD_E_REQUEST']);
  });

  it('lowers the excess voltage of a bias that is up without an alarm, whatever is set along with it', async () => {
    const port = slowControlPort();
    const daemon = await daemonWith(port, { pollMs: 20 });
    await ask(daemon, 'PUT', 'slow-control', { biasRampMvPerS: 100_000 });
    await ask(daemon, 'POST', 'slow-control/bias-on');
    await biasIs(daemon, 'on');
    // The way down takes a second: readings come between one set-point and the next, and on the way.
    await ask(daemon, 'PUT', 'slow-control', { biasRampMvPerS: 1000 });
    for (const excessVoltageSetpointMv of [2000, 3000, 1500]) {
      const set = { excessVoltageSetpointMv, gateDelayPs: excessVoltageSetpointMv, coolerSetpointMc: 15_000 };
      expect((await ask(daemon, 'PUT', 'slow-control', set)).status).toBe(200);
      const { alarms } = await until(
        () => slowControlOf(daemon),
        ({ values, alarms }) =>
          alarms.length > 0 || Math.abs(values!['excessVoltageMv']! - excessVoltageSetpointMv) < 50,
      );
      expect(alarms).toEqual([]);
    }
    // The end of the daemon takes the bias down.
    await ask(daemon, 'PUT', 'slow-control', { biasRampMvPerS: 100_000 });
  });

  it('bounds the changes, but not the way to safety', async () => {
    const daemon = await daemonWith(slowControlPort());
    const together = (path: string, method = 'POST') =>
      Promise.all(Array.from({ length: 30 }, () => ask(daemon, method, path)));
    const statuses = (await together('slow-control/acknowledge')).map(({ status }) => status);
    expect(statuses).toContain(200);
    expect(statuses).toContain(429);
    expect((await together('slow-control/bias-off')).every(({ status }) => status === 200)).toBe(true);
  });

  it('says so where none is configured', async () => {
    const daemon = await daemonWith({ path: '' }, { port: null });
    const refused = await ask(daemon, 'GET', 'slow-control');
    expect([refused.status, refused.body.error.code]).toEqual([409, 'FLIMD_E_CAPABILITY']);
    expect((await statusOf(daemon)).slowControl).toBeNull();
  });

  it('is served where the port is not there yet, with the reason', async () => {
    const daemon = await daemonWith({ path: '/dev/flimd-no-such-port' });
    expect(await slowControlOf(daemon)).toMatchObject({
      connected: false,
      error: { code: 'FLIMD_E_LINK_OPEN', action: expect.any(String) },
    });
  });
});
