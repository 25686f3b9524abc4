import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findTool } from '../../support/tools.js';

export const root = path.resolve(import.meta.dirname, '../../..');
export const standIn = path.join(root, 'test/firmware/vendor-stand-in.tcl');
const scripts = { hls: 'hls/scripts/synthesize.tcl', vivado: 'firmware/scripts/build.tcl' };

export const REVISION = '0123456789abcdef0123456789abcdef01234567';

/** Pins that only the carrier of a lab decides, made up for the test. */
export const carrierPins = path.join(root, 'test/firmware/carrier-pins.tcl');
export const reportFixture = (name: string) => path.join(root, 'test/firmware/reports', `${name}.xml`);

/** What came of a run of a vendor script under the stand-in. */
export interface ScriptRun {
  exitCode: number | null;
  errors: string;
  /** Vendor commands in order, one a line. */
  calls: string[];
  settingsRead: string[];
  settings: string[];
}

/** A git whose tree is as the test says: the script's own calls of git, not those of the repository the test runs in. */
function fakeGit(folder: string, status: string): string {
  const file = path.join(folder, 'git');
  const answers = `*status*) printf '%s' '${status}';; *rev-parse*) echo ${REVISION};;`;
  writeFileSync(file, `#!/bin/sh\ncase "$*" in ${answers} esac\n`);
  chmodSync(file, 0o755);
  return folder;
}

const words = (trace: string, title: string) =>
  (new RegExp(`^${title}: (.*)$`, 'm').exec(trace)?.[1] ?? '').split(' ').filter(Boolean);

/** The folder of one board's build, with both tools' scripts to run in it. */
export class VendorBuild {
  readonly out = mkdtempSync(path.join(os.tmpdir(), 'flimd-firmware-'));

  constructor(readonly board: string) {}

  file(...parts: string[]): string {
    return path.join(this.out, ...parts);
  }

  /** `mutation` is Tcl that the stand-in runs before the script: a pin that is missing, a property that is not there. */
  run(tool: 'hls' | 'vivado', environment: Record<string, string> = {}, mutation = ''): ScriptRun {
    const trace = this.file('trace.txt');
    rmSync(trace, { force: true });
    const bin = this.file('bin');
    mkdirSync(bin, { recursive: true });
    fakeGit(bin, environment.TREE ?? '');
    const result = spawnSync(
      findTool('tclsh')!,
      [standIn, tool, path.join(root, scripts[tool]), trace, mutation],
      {
        encoding: 'utf8',
        env: {
          PATH: `${bin}${path.delimiter}${process.env.PATH}`,
          FLIMD_BOARD: this.board,
          FLIMD_OUT: this.out,
          FLIMD_PINS: this.board === 'k7-fx3' ? carrierPins : '',
          STANDIN_CSYNTH: reportFixture('met'),
          ...environment,
        },
      },
    );
    const text = existsSync(trace) ? readFileSync(trace, 'utf8') : '';
    return {
      exitCode: result.status,
      errors: result.stderr,
      calls: text.split('\n'),
      settingsRead: words(text, 'settings read'),
      settings: words(text, 'settings'),
    };
  }

  remove(): void {
    rmSync(this.out, { recursive: true, force: true });
  }
}
