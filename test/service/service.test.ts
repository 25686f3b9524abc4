import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FlimdProcess, stopAll } from '../support/flimd-process.js';
import { describeWithTool } from '../support/tools.js';
import { Listener } from './listener.js';

const small = 'sim:width=32&height=32&photons=100&fps=20';
const WATCHDOG_USEC = '400000';

describeWithTool('python3', 'flimd serve under a service manager', () => {
  let folder: string;
  let socket: string;
  let listener: Listener;
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flimd-service-'));
    socket = path.join(folder, 'notify');
    listener = await Listener.start(socket);
  });
  afterEach(async () => {
    await stopAll();
    listener.close();
    rmSync(folder, { recursive: true });
  });

  const serve = (camera: string, env: Record<string, string> = {}) =>
    FlimdProcess.start(['serve', '--port', '0', '--camera', camera], { NOTIFY_SOCKET: socket, ...env });
  const words = () => listener.heard.flatMap(({ notice }) => Object.keys(notice));

  it('tells when it is ready, that it is alive, how it is, and that it stops', async () => {
    const daemon = await serve(small, { WATCHDOG_USEC });
    const ready = await listener.until(({ notice }) => notice.READY === '1');
    expect(ready.pid).toBe(daemon.child.pid);
    expect(listener.heard[0]).toBe(ready);
    await listener.until(({ notice }) =>
      /^acquiring, series \d+, \d+\.\d frames\/s$/.test(notice.STATUS ?? ''),
    );
    const before = listener.heard.length;
    for (let beats = 0, from = before; beats < 3; beats++) {
      const beat = await listener.until(({ notice }) => notice.WATCHDOG === '1', from);
      from = listener.heard.indexOf(beat) + 1;
    }
    expect(await daemon.stop('SIGTERM')).toBe(0);
    await listener.until(({ notice }) => notice.STOPPING === '1');
    expect(words().filter((word) => word === 'READY')).toHaveLength(1);
  });

  it('is ready without a camera, once it has tried, and says what is missing', async () => {
    await serve('tcp:127.0.0.1:1');
    const { notice } = await listener.until(({ notice }) => notice.READY === '1');
    expect(notice.STATUS).toMatch(/^disconnected: .*127\.0\.0\.1:1/);
    expect(words()).not.toContain('WATCHDOG');
  });

  it('leaves a watchdog alone that is meant for another', async () => {
    const daemon = await serve(small, { WATCHDOG_USEC, WATCHDOG_PID: '1' });
    await daemon.stop();
    await listener.until(({ notice }) => notice.STOPPING === '1');
    expect(words()).not.toContain('WATCHDOG');
  });

  it('goes on where the service manager does not listen, with one warning', async () => {
    listener.close();
    rmSync(socket);
    const daemon = await serve(small, { WATCHDOG_USEC });
    expect((await fetch(`${daemon.ready.url}/healthz`)).ok).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await daemon.stop()).toBe(0);
    expect(daemon.output.match(/the service manager cannot be told anything/g)).toHaveLength(1);
  });
});
