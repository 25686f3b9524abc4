import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { configJsonSchema, configReference, loadConfig } from '../../src/config/index.js';

const reference = configReference();

/** Dotted paths of all leaves of the default configuration. */
function leaves(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([name, child]) =>
    typeof child === 'object' && child !== null && !Array.isArray(child)
      ? leaves(child, `${prefix}${name}.`)
      : [prefix + name],
  );
}

describe('the configuration reference', () => {
  it('is docs/configuration.md', () => {
    const file = path.resolve(import.meta.dirname, '../../docs/configuration.md');
    expect(readFileSync(file, 'utf8')).toBe(reference);
  });

  it('has a row with a meaning for every key', () => {
    const rows = [...reference.matchAll(/^\| `([\w.]+)` \| (.+) \| (.+) \| (.+) \|$/gm)];
    expect(rows.map((row) => row[1]).sort()).toEqual(leaves(loadConfig({ directory: tmpdir() })).sort());
  });

  it('shows an example that loads', () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(reference)![1]!;
    const directory = mkdtempSync(path.join(tmpdir(), 'flimd-config-'));
    writeFileSync(path.join(directory, 'flimd.config.yaml'), example);
    expect(loadConfig({ directory }).lifetime).toMatchObject({ mode: 'shadow', minPhotons: 50 });
    rmSync(directory, { recursive: true });
  });

  it('has a JSON Schema that needs nothing and refuses unknown keys', () => {
    const schema = configJsonSchema();
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    expect(schema).not.toHaveProperty('required');
  });
});
