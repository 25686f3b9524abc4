import { symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { biasStateOf } from '../../src/camera/slow-control/bias-watch.js';
import { openSerial, serialPorts } from '../../src/link/serial.js';
import { FlimdError } from '../../src/protocol/errors.js';
import { alarmsOf, slowControlSetpoints } from '../../src/protocol/slow-control.js';
import { openSlowControl, quick, serialPath, slowControlPort, until } from './serial-fixture.js';

const noEvents = { onBytes: () => {}, onLost: () => {} };
const open = (path: string) => openSerial({ path, baud: 115_200 }, noEvents);

describe('a slow control over a serial port', () => {
  it('says who it is, what it measures and what it can be set to', async () => {
    const { path } = slowControlPort();
    const { control } = await openSlowControl(path);
    expect(control.identity).toEqual({ serial: 'SIM-00000001', firmware: '1.2.3' });
    expect(Object.keys(control.limits).sort()).toEqual([...slowControlSetpoints].sort());
    const values = await control.readAll();
    expect(biasStateOf(values)).toBe('off');
    expect(values.sensorBiasMv).toBe(0);
    expect(values.excessVoltageMv).toBeLessThan(-15_000);
    expect(Math.abs(values.laserSyncHz - 80_000_000)).toBeLessThan(100);
  });

  it('ramps the bias up to its set-point and down again, no faster than told', async () => {
    const { path } = slowControlPort();
    const { control } = await openSlowControl(path);
    await control.write('biasRampMvPerS', 50_000);
    await control.write('excessVoltageSetpointMv', 2500);
    const began = performance.now();
    await control.command('biasOn');
    const on = await until(
      () => control.readAll(),
      (values) => biasStateOf(values) === 'on',
    );
    const seconds = (performance.now() - began) / 1000;
    expect(Math.abs(on.excessVoltageMv - 2500)).toBeLessThan(50);
    // Steps of the simulation are 10 ms.
    expect(on.sensorBiasMv).toBeLessThan(50_000 * (seconds + 0.02));
    await control.command('biasOff');
    const off = await until(
      () => control.readAll(),
      (values) => biasStateOf(values) === 'off',
    );
    expect(off.sensorBiasMv).toBe(0);
  });

  it('refuses a set-point outside the limits before it is sent, and the device would too', async () => {
    const { path } = slowControlPort();
    const { control } = await openSlowControl(path);
    const { requests } = control.counters;
    await expect(control.write('excessVoltageSetpointMv', 6001)).rejects.toMatchObject({
      code: 'FLIMD_E_LIMITS',
      details: { value: 6001, expected: expect.stringContaining('0 to 6000') },
    });
    await expect(control.write('gateDelayPs', 0.5)).rejects.toMatchObject({ code: 'FLIMD_E_LIMITS' });
    expect(control.counters.requests).toBe(requests);
    (control.limits as Record<string, [number, number]>).gateDelayPs = [0, 1_000_000];
    await expect(control.write('gateDelayPs', 60_000)).rejects.toMatchObject({
      code: 'FLIMD_E_LINK_REFUSED',
      details: { value: 'outOfLimits' },
    });
    expect((await control.readAll()).gateDelayPs).toBe(1500);
  });

  it.each([
    ['noise', { noise: 0.7 }],
    ['answers in pieces', { split: 1 }],
    ['wrong checksums', { checksum: 0.4 }],
    ['silence', { silence: 0.4 }],
    ['all of it', { noise: 0.3, split: 0.5, checksum: 0.2, silence: 0.2 }],
  ])('gets every answer right through %s', async (_, changes) => {
    const port = slowControlPort();
    const { control } = await openSlowControl(port.path, { timeoutMs: 40, retries: 20 });
    Object.assign(port.faults, changes);
    for (let gateDelayPs = 0; gateDelayPs < 25; gateDelayPs++) {
      await control.write('gateDelayPs', gateDelayPs);
      expect((await control.readAll()).gateDelayPs).toBe(gateDelayPs);
    }
    const { counters } = control;
    if ('checksum' in changes) expect(counters.framesInvalid).toBeGreaterThan(0);
    if ('checksum' in changes || 'silence' in changes) expect(counters.retries).toBeGreaterThan(0);
    expect(counters.timeouts).toBe(0);
  });

  it('accounts for every request through all of it at once', async () => {
    const port = slowControlPort();
    const limits = { ...quick };
    const { control } = await openSlowControl(port.path, limits);
    // Few and short tries, so that some requests are given up.
    Object.assign(limits, { timeoutMs: 15, retries: 2 });
    Object.assign(port.faults, { noise: 0.3, split: 0.3, checksum: 0.2, silence: 0.2 });
    let gaveUp = 0;
    const succeeds = (asked: Promise<unknown>): Promise<boolean> =>
      asked.then(
        () => true,
        (error) => {
          expect(error).toMatchObject({ code: 'FLIMD_E_LINK_TIMEOUT' });
          gaveUp++;
          return false;
        },
      );
    let possible = [1500];
    for (let value = 1; value <= 250; value++) {
      // One that was given up may have been carried out all the same.
      possible = (await succeeds(control.write('gateDelayPs', value))) ? [value] : [value, ...possible];
      const read = control.readAll();
      if (await succeeds(read)) expect(possible).toContain((await read).gateDelayPs);
    }
    const { ledger } = port;
    const balance = () => {
      const { requests, retries, timeouts, strayAnswers } = control.counters;
      return {
        onTheWayToTheCamera: requests + retries - ledger.answers,
        onTheWayBack:
          ledger.answers - ledger.silence - ledger.checksum - (requests - timeouts + strayAnswers),
      };
    };
    // The last ones may come late.
    const settled = (): boolean => Object.values(balance()).every((frames) => frames === 0);
    await vi.waitUntil(settled, { timeout: 5000 }).catch(() => {});
    const { counters } = control;
    process.stdout.write(`250 set-points and readings: ${JSON.stringify([counters, ledger, gaveUp])}\n`);
    expect(counters.timeouts).toBe(gaveUp);
    expect(balance()).toEqual({ onTheWayToTheCamera: 0, onTheWayBack: 0 });
    expect(counters.framesInvalid).toBeGreaterThanOrEqual(ledger.checksum);
    for (const struck of Object.values(ledger)) expect(struck).toBeGreaterThan(60);
    expect(gaveUp).toBeGreaterThan(5);
  });

  it('gives up after its retries where there is only silence, and goes on when answers come again', async () => {
    const port = slowControlPort();
    const { control } = await openSlowControl(port.path, { timeoutMs: 20, retries: 2 });
    const { retries } = control.counters;
    port.faults.silence = 1;
    await expect(control.readAll()).rejects.toMatchObject({ code: 'FLIMD_E_LINK_TIMEOUT' });
    expect(control.counters).toMatchObject({ retries: retries + 2, timeouts: 1 });
    port.faults.silence = 0;
    expect((await control.readAll()).gateDelayPs).toBe(1500);
  });

  it('keeps the bias off while an alarm is latched, until it is acknowledged after its cause is gone', async () => {
    const { path, physics } = slowControlPort();
    const { control } = await openSlowControl(path);
    physics.breakDown('interlock');
    await until(
      () => control.readAll(),
      ({ alarms }) => alarmsOf(alarms).includes('interlock'),
    );
    await expect(control.command('biasOn')).rejects.toMatchObject({ code: 'FLIMD_E_ALARM' });
    await control.command('acknowledge');
    expect(alarmsOf((await control.readAll()).alarms)).toEqual(['interlock']);
    physics.repair('interlock');
    await control.command('acknowledge');
    expect((await control.readAll()).alarms).toBe(0);
    await control.command('biasOn');
    expect(biasStateOf(await control.readAll())).not.toBe('off');
  });

  it('takes its bias down by itself when the host falls silent', async () => {
    const { path, physics } = slowControlPort();
    const { control } = await openSlowControl(path);
    await control.write('biasRampMvPerS', 100_000);
    await control.write('hostTimeoutMs', 100);
    await control.command('biasOn');
    await until(
      () => physics.alarms,
      (alarms) => alarmsOf(alarms).includes('hostSilent'),
    );
    await until(
      () => physics.supply.state,
      (state) => state === 'off',
    );
    expect(physics.supply.voltageMv).toBe(0);
  });

  it('tells once when the plug is pulled', async () => {
    const port = slowControlPort();
    const { control, lost } = await openSlowControl(port.path);
    port.close();
    await expect(control.readAll()).rejects.toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
    await expect(control.readAll()).rejects.toMatchObject({ code: 'FLIMD_E_LINK_LOST' });
    expect(lost.map(({ code }) => code)).toEqual(['FLIMD_E_LINK_LOST']);
  });
});

describe('opening a serial port', () => {
  it('tells a missing port, a busy one, and what is no serial port, each with what to do', async () => {
    const missing = await open('/dev/flimd-no-such-port').catch((error: FlimdError) => error);
    expect(missing).toMatchObject({ code: 'FLIMD_E_LINK_OPEN', message: expect.stringContaining('no such') });
    const { path } = slowControlPort();
    const first = await open(path);
    const second = await open(path).catch((error: FlimdError) => error);
    await first.close();
    expect(second).toMatchObject({
      code: 'FLIMD_E_LINK_OPEN',
      message: expect.stringContaining('another program'),
    });
    const file = serialPath();
    writeFileSync(file, 'no port');
    const plain = await open(file).catch((error: FlimdError) => error);
    expect(plain).toMatchObject({
      code: 'FLIMD_E_LINK_OPEN',
      message: expect.stringContaining('not a serial'),
    });
    const again = await open(path);
    await again.close();
  });

  it('lists ports, or says what it would need for that', async () => {
    const listed = await serialPorts().catch((error: FlimdError) => error);
    if (listed instanceof Error) {
      expect(listed).toMatchObject({
        code: 'FLIMD_E_CAPABILITY',
        details: { action: expect.stringContaining('udev') },
      });
    } else expect(listed.every(({ path }) => path.length > 0)).toBe(true);
  });

  it('names the program that lists ports where it is missing', async () => {
    const path = process.env.PATH;
    process.env.PATH = '/nowhere';
    try {
      await expect(serialPorts()).rejects.toMatchObject({
        code: 'FLIMD_E_CAPABILITY',
        details: { expected: expect.stringContaining('udevadm') },
      });
    } finally {
      process.env.PATH = path;
    }
  });

  it('makes a virtual port only where nothing else lies, and clears away a link that was left behind', () => {
    const taken = serialPath();
    writeFileSync(taken, 'mine');
    expect(() => slowControlPort({}, taken)).toThrow(expect.objectContaining({ code: 'FLIMD_E_LINK_OPEN' }));
    const stale = serialPath();
    symlinkSync('/dev/pts/4711', stale);
    expect(slowControlPort({}, stale).path).toBe(stale);
  });
});
