import { expect, it, onTestFinished } from 'vitest';
import { createDevice } from '../../src/camera-sim/create-device.js';
import { parseSimOptions } from '../../src/camera-sim/options.js';
import { SimServer } from '../../src/camera-sim/sim-server.js';
import { createSlowControl } from '../../src/camera-sim/slow-control/create-slow-control.js';
import { noLineFaults } from '../../src/camera-sim/slow-control/line-faults.js';
import type { FlimdClient, LifetimeFrame } from '../../src/client/index.js';
import { connectClient, nextFrame } from '../support/flimd-process.js';
import { slowControlPort, until } from './serial-fixture.js';
import { daemonWith } from './slow-control-daemon.js';

const photonsOf = ({ planes }: LifetimeFrame): number =>
  (planes['photons'] as Uint32Array).reduce((sum, count) => sum + count, 0);

const biasIs = (client: FlimdClient, wanted: string) =>
  until(
    () => client.slowControl(),
    ({ bias }) => bias === wanted,
  );

/** A daemon with a virtual camera whose pixels see the bias of its slow control. */
async function together() {
  const options = parseSimOptions({ width: '16', height: '16', photons: '200', fps: '20', darkCounts: '0' });
  const { port, sensor } = createSlowControl(options, { ...noLineFaults, alarms: [] });
  const server = await SimServer.listen(await createDevice(options, sensor), '127.0.0.1', 0);
  onTestFinished(() => server.close());
  const serial = slowControlPort(port);
  serial.physics.setpoints.biasRampMvPerS = 50_000;
  const camera = `tcp:127.0.0.1:${server.address.port}`;
  const daemon = await daemonWith(serial, {}, { camera });
  const client = connectClient(daemon.url);
  onTestFinished(() => client.close());
  return { client, physics: serial.physics };
}

it('the picture of the virtual camera follows the bias, and an alarm that cuts it', async () => {
  const { client, physics } = await together();
  await client.arm();
  await client.start();
  expect(photonsOf(await nextFrame(client))).toBe(0);

  await client.biasOn();
  await biasIs(client, 'on');
  const { frame } = await nextFrame(client);
  const bright = photonsOf(await nextFrame(client, (next) => next.frame > frame + 1));
  expect(bright).toBeGreaterThan(5000);

  await client.biasOff();
  await biasIs(client, 'off');
  await nextFrame(client, (next) => photonsOf(next) === 0);

  await client.biasOn();
  await biasIs(client, 'on');
  const ended = client.once('end');
  physics.breakDown('interlock');
  expect((await ended).cause).toContain('interlock');
  // A run with the alarm acknowledged and the bias still down: dark.
  physics.repair('interlock');
  await client.acknowledge();
  await client.disarm();
  await client.arm();
  await client.start();
  expect(photonsOf(await nextFrame(client))).toBe(0);
});

it('telemetry and slow control tell of one sensor', async () => {
  const { client } = await together();
  await client.biasOn();
  await biasIs(client, 'on');
  await client.arm();
  await client.start();
  const { telemetry, slowControl } = await until(
    () => client.status(),
    (status) => status.telemetry !== null,
  );
  const { sensorBiasMv, sensorTemperatureMc } = slowControl!.values!;
  expect(telemetry!.biasV).toBeCloseTo(sensorBiasMv! / 1000, 1);
  expect(Math.abs(telemetry!.temperatureC - sensorTemperatureMc! / 1000)).toBeLessThan(1);
});
