import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, type LoadOptions } from '../../src/config/index.js';
import { FlimdError } from '../../src/protocol/errors.js';

const TOKEN = 'correct-horse-battery';
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'flimd-config-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(name: string, text: string): string {
  const file = path.join(directory, name);
  writeFileSync(file, text);
  return file;
}

function failure(options: LoadOptions): FlimdError {
  try {
    loadConfig({ directory, ...options });
  } catch (error) {
    if (error instanceof FlimdError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('loadConfig', () => {
  it('has a default for everything and freezes the result', () => {
    const config = loadConfig({ directory });
    expect(config.camera).toBe('sim:');
    expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8650, token: null });
    expect(config.lifetime.mode).toBe('device');
    expect(config.stream).toMatchObject({ highWaterBytes: 524288, lowWaterBytes: 1024, stuckBytes: 2097152 });
    expect(Object.isFrozen(config) && Object.isFrozen(config.server.allowedOrigins)).toBe(true);
  });

  it('reads YAML and JSON from the directory', () => {
    write('flimd.config.yaml', 'camera: tcp:127.0.0.1:9870\nserver: { port: 9000 }\nstream:\n');
    expect(loadConfig({ directory })).toMatchObject({ camera: 'tcp:127.0.0.1:9870', server: { port: 9000 } });
    const json = write('other.json', '{"lifetime": {"mode": "shadow", "minPhotons": 50}}');
    expect(loadConfig({ file: json }).lifetime).toMatchObject({ mode: 'shadow', minPhotons: 50 });
  });

  it('lets the environment go over the file, and flags over both', () => {
    const file = write('a.yaml', `server: { token: ${TOKEN}-file, port: 9000 }`);
    const env = { FLIMD_TOKEN: `${TOKEN}-env` };
    expect(loadConfig({ file, env }).server.token).toBe(`${TOKEN}-env`);
    const overrides = [
      { key: 'server.token', value: `${TOKEN}-flag`, from: '--token' },
      { key: 'server.port', value: '9001', from: '--port' },
      { key: 'acquisition.autoStart', value: 'false', from: '--auto-start' },
      { key: 'server.allowedOrigins', value: 'http://a:1, http://b:2', from: '--allow-origin' },
      { key: 'camera', value: undefined, from: '--camera' },
    ];
    const config = loadConfig({ file, env, overrides });
    expect(config.server).toMatchObject({ token: `${TOKEN}-flag`, port: 9001 });
    expect(config.server.allowedOrigins).toEqual(['http://a:1', 'http://b:2']);
    expect(config.acquisition.autoStart).toBe(false);
    expect(config.camera).toBe('sim:');
  });

  it('names file, line, key, value, expectation and action', () => {
    const file = write('a.yaml', 'camera: "sim:"\nserver:\n  host: 127.0.0.1\n  port: 70000\n');
    const error = failure({ file });
    expect(error.code).toBe('FLIMD_E_CONFIG');
    expect(error.message).toBe(`${file}:4: server.port is 70000, expected a whole number from 0 to 65535`);
    expect(error.details).toEqual({
      value: 70000,
      expected: 'a whole number from 0 to 65535',
      action: `correct server.port (${file}:4)`,
    });
  });

  it('reports every problem at once', () => {
    const file = write('a.yaml', 'server:\n  port: 1.5\nlifetime:\n  mode: both\nlog: { pretty: 1 }\n');
    const lines = failure({ file }).message.split('\n');
    expect(lines).toEqual([
      `${file}:2: server.port is 1.5, expected a whole number from 0 to 65535`,
      `${file}:4: lifetime.mode is "both", expected one of device, host, shadow`,
      `${file}:5: log.pretty is 1, expected true or false`,
    ]);
  });

  it.each([
    ['server:\n  prot: 1', 2, 'server.prot', 'did you mean server.port?'],
    ['port: 1', 1, 'port', 'did you mean server.port?'],
    ['Camera: x', 1, 'Camera', 'did you mean camera?'],
    ['stream: { frameTimeoutMs: 5 }', 1, 'stream.frameTimeoutMs', 'did you mean acquisition.frameTimeoutMs?'],
    ['log: { zzzzzzz: 5 }', 1, 'log.zzzzzzz', 'expected one of level, pretty'],
    ['__proto__: { port: 1 }', 1, '__proto__', 'expected one of camera, server'],
  ])('an unknown key in %j names the nearest', (text, line, key, hint) => {
    const file = write('a.yaml', text);
    const { message } = failure({ file });
    expect(message).toContain(`${file}:${line}: ${key} is not a configuration key; ${hint}`);
  });

  it('names the flag or variable a wrong value came from', () => {
    const file = write('a.yaml', 'server:\n  port: 9000\n');
    const overrides = [{ key: 'server.port', value: 'http', from: '--port' }];
    expect(failure({ file, overrides }).message).toMatch(/^--port: server\.port is "http", expected a whole/);
    expect(failure({ env: { FLIMD_TOKEN: 'short' } }).message).toMatch(/^FLIMD_TOKEN: server\.token/);
  });

  it('never shows a token, nor the value of what may be a misspelt one', () => {
    const short = failure({ env: { FLIMD_TOKEN: 'sesame' } });
    expect(JSON.stringify(short)).not.toContain('sesame');
    const misspelt = failure({ file: write('a.yaml', 'server: { tokn: sesame-open }') });
    expect(JSON.stringify(misspelt)).not.toContain('sesame');
    expect(misspelt.details.expected).toBe('server.token');
  });

  it.each([
    ['stream: { lowWaterBytes: 4096, highWaterBytes: 2048 }', 'less than stream.highWaterBytes'],
    ['acquisition: { poolSlots: 4, maxOpenFrames: 4 }', 'more than acquisition.maxOpenFrames'],
    ['reconnect: { initialMs: 9000, maxMs: 1000 }', 'at most reconnect.maxMs'],
    ['server: { allowedOrigins: [http://ok:1, "http://x:1/path"] }', 'a list of origins'],
    ['server: { allowedOrigins: [5] }', 'a list of origins'],
    ['server: 5', 'a section with host, port'],
    ['- a list', 'a map of settings'],
  ])('refuses %j', (text, expected) => {
    expect(failure({ file: write('a.yaml', text) }).details.expected).toContain(expected);
  });

  it.each([
    ['camera: [', 1],
    ['camera: a\nserver: {}\ncamera: b', 3],
    ['server:\n  port: 1\n port: 2', 3],
  ])('says where %j is not YAML', (text, line) => {
    const file = write('a.yaml', text);
    expect(failure({ file }).message).toContain(`${file}:${line}:`);
  });

  it('bounds aliases, so that a small file stays small', () => {
    const levels = Array.from({ length: 8 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}]`);
    const file = write('a.yaml', ['l0: &l0 [x]', ...levels].join('\n'));
    expect(failure({ file }).message).toMatch(/alias/i);
  });

  it('refuses an unreadable file and two default files', () => {
    expect(failure({ file: path.join(directory, 'none.yaml') }).message).toContain('ENOENT');
    write('flimd.config.yaml', '');
    write('flimd.config.json', '{}');
    expect(failure({}).message).toContain('are both there');
  });
});
