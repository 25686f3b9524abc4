import { spawnSync } from 'node:child_process';
import { chmodSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { SlowControlStatus } from '../../src/protocol/stream.js';
import { connectClient, FlimdProcess, nextFrame, stopAll } from '../support/flimd-process.js';
import { serialPath, slowControlPort, until } from './serial-fixture.js';

const dist = path.resolve(import.meta.dirname, '../../dist');
const small = ['--width', '16', '--height', '16', '--photons', '50', '--fps', '20'];

afterEach(stopAll);

describe('flimd sim --listen pty:PATH and flimd serve --slow-control PATH', () => {
  it('run a camera with its bias, through a bad line, until an alarm ends the run', async () => {
    const port = serialPath();
    const sim = await FlimdProcess.start([
      'sim',
      ...['--listen', 'tcp:127.0.0.1:0', '--listen', `pty:${port}`, ...small],
      ...['--slow-control-faults', 'noise:0.3,split:0.5,checksum:0.1,silence:0.05,laserSyncLost@12000'],
    ]);
    const daemon = await FlimdProcess.start([
      'serve',
      ...['--port', '0', '--camera', sim.ready.uri, '--slow-control', port],
      ...['--set', 'slowControl.biasWithRun=true', '--set', 'slowControl.retries=9'],
    ]);
    const client = connectClient(daemon.ready.url);
    const ended = client.once('end');
    await nextFrame(client);
    const look = async () =>
      (await (await fetch(`${daemon.ready.url}/api/v1/slow-control`)).json()) as SlowControlStatus;
    expect(await look()).toMatchObject({ connected: true, bias: 'on', alarms: [] });
    expect(await ended).toMatchObject({ reason: 'error', cause: expect.stringContaining('laserSyncLost') });
    const down = await until(look, ({ bias }) => bias === 'off');
    expect(down.alarms).toEqual(['laserSyncLost']);
    client.close();
    expect(await daemon.stop()).toBe(0);
    expect(await sim.stop()).toBe(0);
  });
});

describe('a serial port that the user may not open', () => {
  const isRoot = process.getuid?.() === 0;
  it.skipIf(!isRoot)('is told with the group to join (needs root, to be another user)', () => {
    const { path: at } = slowControlPort();
    const node = realpathSync(at);
    chmodSync(node, 0o600);
    const NOBODY = 65_534;
    const script = `process.setgroups([]); process.setgid(${NOBODY}); process.setuid(${NOBODY});
      const { openSerial } = await import(${JSON.stringify(path.join(dist, 'link/serial.js'))});
      await openSerial({ path: ${JSON.stringify(node)}, baud: 115200 }, {}).catch((error) =>
        process.stdout.write(JSON.stringify(error)));`;
    // serialport has to be found by another user: load it before the change.
    const loaded = `await import('serialport');`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', loaded + script], {
      encoding: 'utf8',
      cwd: path.join(dist, '..'),
    });
    expect(JSON.parse(child.stdout || JSON.stringify(child.stderr))).toMatchObject({
      code: 'FLIMD_E_LINK_OPEN',
      message: expect.stringContaining('may not open'),
      action: expect.stringContaining('dialout'),
    });
  });
});
