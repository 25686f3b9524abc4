import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { version } from '../../src/version.js';
import { describeWithTool } from '../support/tools.js';
import { buildPackage, run } from './commands.js';

// Whatever is set here, the package says the same.
delete process.env.DEBEMAIL;

describeWithTool(['dpkg-deb', 'dpkg-shlibdeps', 'strip'], 'the Debian package', () => {
  let folder: string;
  let deb: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flimd-package-'));
    deb = await buildPackage(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const field = (name: string) => run('dpkg-deb', ['--field', deb, name]);
  /** Mode, owner and name of each file. */
  const contents = async () =>
    (await run('dpkg-deb', ['--contents', deb]))
      .split('\n')
      .map((line) => /^(\S+) (\S+) +\d+ \S+ \S+ (.*)$/.exec(line)!.slice(1));

  it('says what it is and what it needs', async () => {
    expect(path.basename(deb)).toBe(`flimd_${version}_${await field('Architecture')}.deb`);
    const needs = (await field('Depends')).split(', ');
    expect(needs).toEqual(expect.arrayContaining(['nodejs (>= 20.19)', 'adduser', 'udev']));
    for (const library of ['libc6', 'libstdc++6', 'libudev1']) {
      expect(needs.some((need) => need.startsWith(`${library} (>= `))).toBe(true);
    }
  });

  it('holds a whole flimd for this machine, and nothing of what builds or trains one', async () => {
    const names = (await contents()).map(([, , name]) => name!);
    for (const name of [
      'usr/bin/flimd',
      'usr/lib/flimd/dist/cli/main.js',
      'usr/lib/flimd/dist/viewer/index.html',
      'usr/lib/flimd/build/Release/flimd.node',
      'usr/lib/flimd/bench/kernel.mjs',
      'usr/lib/flimd/bench/usb-reader.c',
      'usr/lib/flimd/node_modules/usb/package.json',
      'usr/lib/systemd/system/flimd.service',
      'usr/lib/udev/rules.d/70-flimd.rules',
      'usr/lib/udev/rules.d/71-flimd-xdma.rules',
      'usr/share/man/man1/flimd.1.gz',
      'usr/share/doc/flimd/installation.md',
      'etc/flimd/config.yaml',
    ]) {
      expect(names).toContain(`./${name}`);
    }
    const wrong =
      /tensorflow|node-gyp\/|typescript\/|musl|prebuilds\/(?!linux|$)|\.(cc|o|ts|map)$|flimd_training/;
    expect(names.filter((name) => wrong.test(name))).toEqual([]);
  });

  it('belongs to root, and only root writes to it', async () => {
    const wrong = (await contents()).filter(
      ([mode, owner]) => owner !== 'root/root' || /^.....w|^........w/.test(mode!),
    );
    expect(wrong).toEqual([]);
  });

  it('runs from where it is unpacked, and says what it cannot do there', async () => {
    const root = path.join(folder, 'root');
    await run('dpkg-deb', ['--extract', deb, root]);
    const main = path.join(root, 'usr/lib/flimd/dist/cli/main.js');
    expect(await run(process.execPath, [main, '--version'])).toBe(version);
    const [recording, picture, map] = ['run.h5', 'run.png', 'run.ome.tif'].map((name) =>
      path.join(folder, name),
    ) as [string, string, string];
    await run(process.execPath, [main, 'record', '--camera', 'sim:', '--frames', '2', '--out', recording]);
    await run(process.execPath, [main, 'inspect', recording, '--picture', picture]);
    await run(process.execPath, [main, 'export', recording, '--out', map]);
    for (const file of [recording, picture, map]) expect(readFileSync(file).length).toBeGreaterThan(1000);
    const measured = await run(process.execPath, [main, 'bench', '--only', 'usb', '--json']);
    expect(JSON.parse(measured)).toMatchObject({ version, usb: expect.anything() });
    const timing = ['--laser-period-ps', '12500', '--gates', '32', '--gate-width-ps', '390.625'];
    const train = ['model', 'train', '--name', 'mine', ...timing, '--out', path.join(folder, 'mine')];
    await expect(run(process.execPath, [main, ...train])).rejects.toThrow('[FLIMD_E_NOT_INSTALLED]');
  });

  it('is the same, byte for byte, when it is built again', async () => {
    const again = await buildPackage(path.join(folder, 'again'));
    expect(readFileSync(again).equals(readFileSync(deb))).toBe(true);
  });
});

describeWithTool(
  ['dpkg-deb', 'dpkg-shlibdeps', 'strip', 'lintian'],
  'the Debian package before lintian',
  () => {
    it('has no error and no warning, but for the address of its maintainer, which who builds it sets', async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'flimd-package-'));
      try {
        const judged = await run('lintian', [
          '--allow-root',
          '--fail-on',
          'none',
          await buildPackage(folder),
        ]);
        const tags = judged.split('\n').filter((line) => /^[EW]:/.test(line));
        expect(tags.filter((line) => !line.includes('bogus-mail-host'))).toEqual([]);
        // It has looked: the address is what it always finds, once in the package and once in its history.
        expect(tags).toHaveLength(2);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  },
);
