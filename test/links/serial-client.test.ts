import { expect, it, onTestFinished } from 'vitest';
import { connectClient } from '../support/flimd-process.js';
import { slowControlPort, until } from './serial-fixture.js';
import { daemonWith } from './slow-control-daemon.js';

it('FlimdClient sees and works the slow control of a daemon, from bias to alarm', async () => {
  const port = slowControlPort();
  const daemon = await daemonWith(port);
  const client = connectClient(daemon.url);
  onTestFinished(() => client.close());
  const biasIs = (wanted: string) =>
    until(
      () => client.slowControl(),
      ({ bias }) => bias === wanted,
    );

  expect(await client.slowControl()).toMatchObject({ connected: true, serial: 'SIM-00000001', bias: 'off' });
  const set = await client.setSetpoints({ biasRampMvPerS: 50_000, gateDelayPs: 4000 });
  expect(set.values).toMatchObject({ biasRampMvPerS: 50_000, gateDelayPs: 4000 });
  await expect(client.setSetpoints({ excessVoltageSetpointMv: 9999 })).rejects.toMatchObject({
    code: 'FLIMD_E_LIMITS',
    details: { value: 9999, action: expect.any(String) },
  });
  await client.biasOn();
  await biasIs('on');
  expect(await client.arm({ frameLimit: 3 })).toBe('armed');
  await expect(client.setSetpoints({ gateDelayPs: 1 })).rejects.toMatchObject({ code: 'FLIMD_E_STATE' });
  expect(await client.disarm()).toBe('idle');
  await client.biasOff();
  await biasIs('off');

  port.physics.breakDown('interlock');
  await until(
    () => client.slowControl(),
    ({ alarms }) => alarms.includes('interlock'),
  );
  await expect(client.biasOn()).rejects.toMatchObject({ code: 'FLIMD_E_ALARM' });
  expect((await client.acknowledge()).alarms).toEqual(['interlock']);
  port.physics.repair('interlock');
  expect((await client.acknowledge()).alarms).toEqual([]);

  const { slowControl } = await client.status();
  expect(slowControl!.values).toMatchObject({ gateDelayPs: 4000 });
  expect(await client.health()).toMatchObject({ ok: true, state: 'idle' });
  expect(await client.metrics()).toContain('flimd_slow_control_gate_delay_seconds 4e-9');
  expect(await client.config()).toMatchObject({ slowControl: { port: port.path } });
  expect(await client.arm()).toBe('armed');
  expect(await client.model()).toMatchObject({ hidden: 32 });
});
