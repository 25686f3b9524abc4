import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const compiled = path.resolve(import.meta.dirname, '../../dist/server/log.js');

function program(level: string, pretty: boolean): string[] {
  const text = `import { createLog } from ${JSON.stringify(compiled)};
    const log = createLog({ level: '${level}', pretty: ${pretty} });
    log.debug('hidden');
    log.info({ token: 'sesame', nested: { token: 'sesame', authorization: 'sesame' }, frame: 7 }, 'shown');`;
  return [process.execPath, '--input-type=module', '-e', text];
}

describe('the log', () => {
  it.each([true, false])('is JSON on standard error where that is no terminal (pretty: %s)', (pretty) => {
    const [node, ...args] = program('info', pretty);
    const { stdout, stderr } = spawnSync(node!, args, { encoding: 'utf8' });
    expect(stdout).toBe('');
    const lines = stderr.trim().split('\n');
    expect(lines.length).toBe(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 30, msg: 'shown', frame: 7, token: '[Redacted]' });
    expect(stderr).not.toContain('sesame');
  });

  it.each([true, false])('is for people on a terminal if wanted (pretty: %s)', (pretty) => {
    const inTerminal = 'import pty, sys; pty.spawn(sys.argv[1:])';
    const { stdout } = spawnSync('python3', ['-c', inTerminal, ...program('info', pretty)], {
      encoding: 'utf8',
    });
    expect(stdout).toContain('shown');
    expect(stdout.includes('{"level":30')).toBe(!pretty);
    expect(stdout).not.toContain('sesame');
  });
});
