import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { datagramSender } from '../../src/service/native.js';
import { NotifySocket } from '../../src/service/notify-socket.js';
import { describeWithTool } from '../support/tools.js';
import { Listener } from './listener.js';

describeWithTool('python3', 'the socket of a service manager', () => {
  let folder: string;
  let listener: Listener | null = null;
  beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'flimd-notify-'))));
  afterEach(() => {
    listener?.close();
    listener = null;
    rmSync(folder, { recursive: true });
  });

  const names = {
    path: () => path.join(folder, 'socket'),
    'abstract name': () => `@flimd-test-${process.pid}-${Date.now()}`,
    'longest path': () => path.join(folder, 'x'.repeat(106 - folder.length)),
    'longest abstract name': () => `@flimd-${process.pid}-`.padEnd(108, 'x'),
  };

  it.each(Object.entries(names))('is reached by its %s', async (_, makeName) => {
    const name = makeName();
    listener = await Listener.start(name);
    const problems: string[] = [];
    const socket = new NotifySocket(name, datagramSender(), (problem) => problems.push(problem));
    expect(socket.send({ READY: '1', STATUS: 'idle: Kamera grün' })).toBe(true);
    const { pid, notice } = await listener.until(() => true);
    expect(notice).toEqual({ READY: '1', STATUS: 'idle: Kamera grün' });
    expect(pid).toBe(process.pid);
    expect(problems).toEqual([]);
  });

  it('takes no line from what a camera says, and no endless one', async () => {
    listener = await Listener.start(names.path());
    const socket = new NotifySocket(names.path(), datagramSender(), () => {});
    socket.send({ STATUS: 'a\nSTOPPING=1\r\n\0b' });
    socket.send({ STATUS: 'x'.repeat(100_000) });
    await listener.until(({ notice }) => notice.STATUS!.startsWith('x'));
    expect(listener.heard.map(({ notice }) => notice)).toEqual([
      { STATUS: 'a STOPPING=1 b' },
      { STATUS: 'x'.repeat(500) },
    ]);
  });

  it('does not wait for a reader that is behind, and asks for another try', async () => {
    listener = await Listener.start(names.path());
    const problems: string[] = [];
    const socket = new NotifySocket(names.path(), datagramSender(), (problem) => problems.push(problem));
    listener.pause();
    let sent = 0;
    while (socket.send({ WATCHDOG: String(sent) })) sent++;
    expect(sent).toBeGreaterThan(0);
    listener.resume();
    await listener.until(({ notice }) => notice.WATCHDOG === String(sent - 1));
    expect(listener.heard).toHaveLength(sent);
    expect(socket.send({ READY: '1' })).toBe(true);
    expect(problems).toEqual([]);
  });

  it('tells once, with the reason, that nobody listens', () => {
    const problems: string[] = [];
    const socket = new NotifySocket(names.path(), datagramSender(), (problem) => problems.push(problem));
    for (let i = 0; i < 3; i++) expect(socket.send({ READY: '1' })).toBe(true);
    expect(problems).toEqual([`${names.path()}: ENOENT`]);
  });

  it.each(['', '@', 'x'.repeat(108), `@${'x'.repeat(108)}`])('refuses an impossible name (%#)', (name) => {
    expect(datagramSender()(name, 'READY=1')).toBe(-constants.errno.EINVAL);
  });
});
