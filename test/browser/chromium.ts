import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

function onPath(name: string): string | null {
  try {
    return execFileSync('which', [name], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

/** The Chromium to test with; null where there is none. */
export function findChromium(): string | null {
  const given = process.env.FLIMD_CHROMIUM;
  if (given !== undefined) return given;
  return existsSync('/usr/bin/chromium') ? '/usr/bin/chromium' : onPath('chromium');
}

/** No GPU, no network services of its own: the same pixels on every machine. */
export const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--force-color-profile=srgb',
];
