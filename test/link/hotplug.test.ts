import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseCameraUri, watchForCamera } from '../../src/link/index.js';

let dev: string;
let unwatch: (() => void) | null = null;
beforeEach(async () => {
  dev = await mkdtemp(path.join(tmpdir(), 'flimd-dev-'));
});
afterEach(async () => {
  unwatch?.();
  unwatch = null;
  await rm(dev, { recursive: true });
});

describe.skipIf(process.platform !== 'linux')('a PCIe camera that appears', () => {
  const watched = async (): Promise<ReturnType<typeof vi.fn>> => {
    const appeared = vi.fn();
    unwatch = await watchForCamera(parseCameraUri(`pcie:${dev}/xdma1`), appeared);
    return appeared;
  };

  it('is noticed by its nodes, not by what is written to them', async () => {
    const appeared = await watched();
    await writeFile(path.join(dev, 'xdma1_user'), '');
    await vi.waitFor(() => expect(appeared).toHaveBeenCalledTimes(1));
    await writeFile(path.join(dev, 'xdma1_user'), 'words', { flag: 'r+' });
    await writeFile(path.join(dev, 'xdma1_events_0'), '');
    await vi.waitFor(() => expect(appeared).toHaveBeenCalledTimes(2));
  });

  it('is not another one', async () => {
    const appeared = await watched();
    for (const name of ['xdma0_user', 'xdma10_user', 'ttyUSB0', 'xdma1']) {
      await writeFile(path.join(dev, name), '');
    }
    // News comes in order: what the others brought, if anything, has come before this.
    await writeFile(path.join(dev, 'xdma1_c2h_0'), '');
    await vi.waitFor(() => expect(appeared).toHaveBeenCalled());
    expect(appeared).toHaveBeenCalledTimes(1);
    unwatch!();
    appeared.mockClear();
    await rm(path.join(dev, 'xdma1_c2h_0'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(appeared).not.toHaveBeenCalled();
  });

  it('cannot be foretold where its folder is not there, nor on a network', async () => {
    expect(await watchForCamera(parseCameraUri(`pcie:${dev}/none/xdma0`), () => {})).toBeNull();
    expect(await watchForCamera(parseCameraUri('tcp:127.0.0.1:9870'), () => {})).toBeNull();
  });
});
