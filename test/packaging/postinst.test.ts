import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = path.resolve(import.meta.dirname, '../../packaging/debian/postinst');
const commands = ['deb-systemd-helper', 'deb-systemd-invoke', 'systemctl', 'adduser', 'addgroup', 'getent'];

/** The script as it is, on a made-up system: its folders are below another root, and what it calls only notes that. */
describe('the script behind an installation', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'flimd-postinst-'));
    for (const folder of ['bin', 'run/systemd/system', 'etc/systemd/system']) {
      mkdirSync(path.join(root, folder), { recursive: true });
    }
    for (const name of commands) {
      const file = path.join(root, 'bin', name);
      writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> ${root}/calls\n`);
      chmodSync(file, 0o755);
    }
    const text = readFileSync(script, 'utf8').replace(/(?<= )\/(run|etc)\/systemd/g, `${root}/$1/systemd`);
    writeFileSync(path.join(root, 'postinst'), text);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** What is done with the service; `before` as dpkg tells it. */
  const configure = (before: string): string[] => {
    const env = { PATH: `${root}/bin:/usr/bin:/bin` };
    execFileSync('sh', [path.join(root, 'postinst'), 'configure', before], { env });
    const calls = readFileSync(path.join(root, 'calls'), 'utf8').split('\n');
    return calls.filter((call) => call.startsWith('deb-systemd-invoke'));
  };

  it('starts the service where it is new', () => {
    expect(configure('')).toEqual(['deb-systemd-invoke start flimd.service']);
  });

  it('restarts it where it runs, at an upgrade', () => {
    expect(configure('0.1.0')).toEqual(['deb-systemd-invoke try-restart flimd.service']);
  });

  it('starts it where it comes back after a removal, which masks it and keeps its configuration', () => {
    symlinkSync('/dev/null', path.join(root, 'etc/systemd/system/flimd.service'));
    expect(configure('0.1.0')).toEqual(['deb-systemd-invoke start flimd.service']);
  });
});
