import { constants, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceFile } from '../../src/link/device-file.js';

const MEBIBYTE = 1024 * 1024;
/** `nice` is the 19th field of /proc/PID/stat; the second, a name in brackets, may hold spaces. */
const NICE_BEHIND_NAME = 16;

const folder = { path: '' };
beforeEach(() => void (folder.path = mkdtempSync(path.join(tmpdir(), 'flimd-device-'))));
afterEach(() => rmSync(folder.path, { recursive: true, force: true }));

function fileOf(bytes: Uint8Array): string {
  const name = path.join(folder.path, 'node');
  writeFileSync(name, bytes);
  return name;
}

/** The nice values of this process's threads. */
function niceValues(): number[] {
  return readdirSync('/proc/self/task').map((thread) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[NICE_BEHIND_NAME]);
  });
}

const linuxRoot = process.platform === 'linux' && process.getuid?.() === 0;

describe('DeviceFile', () => {
  // Two mebibytes and more are in huge pages where the kernel has any; the last of these does not fill one.
  it.each([
    [1, 4],
    [3, MEBIBYTE],
    [8, MEBIBYTE],
  ])('fills %i buffers of %i bytes in the order of the reads', async (buffers, bufferBytes) => {
    const source = Buffer.from(Uint8Array.from({ length: buffers * bufferBytes }, (_, i) => (i * 31) >> 3));
    const file = new DeviceFile({ path: fileOf(source), flags: constants.O_RDONLY, buffers, bufferBytes });
    expect(await file.open()).toBe(0);
    const reads = file.buffers.map((_, buffer) => file.read(buffer, bufferBytes));
    expect(await Promise.all(reads)).toEqual(file.buffers.map(() => bufferBytes));
    expect(Buffer.concat(file.buffers).equals(source)).toBe(true);
    await file.close();
  });

  it.skipIf(!linuxRoot)('goes before the other threads, where it may', async () => {
    const own = getPriority();
    const before = niceValues();
    expect(before).not.toContain(own - 10);
    const options = {
      path: fileOf(new Uint8Array(4)),
      flags: constants.O_RDONLY,
      buffers: 1,
      bufferBytes: 4,
    };
    const file = new DeviceFile(options);
    await file.open();
    expect(niceValues()).toContain(own - 10);
    await file.close();
  });
});
