import type { z } from 'zod';
import { FlimdError } from '../protocol/errors.js';
import type { ConfigFile } from './config-file.js';
import { configKey, configKeys } from './keys.js';
import { nearestKey } from './nearest-name.js';

/** One thing wrong with a configuration. */
export interface ConfigProblem {
  /** `file:line`, flag or environment variable. */
  where: string;
  /** Dotted key path; empty for the file as a whole. */
  path: string;
  value: unknown;
  expected: string;
  /** The key itself is not known; `expected` is the name that was likely meant, or the names there are. */
  unknownKey: boolean;
}

/** Where the values of a configuration came from, to say so when one is wrong. */
export interface ConfigOrigins {
  values: unknown;
  file: ConfigFile | null;
  /** In the order they were applied. */
  overrides: readonly { key: string; from: string }[];
}

const SECRET_KEYS = new Set(['server.token']);
const LONGEST_SHOWN = 120;

/** The problems behind one complaint of the schema: several where several keys of a section are unknown. */
export function problemsOf(issue: z.core.$ZodIssue, origins: ConfigOrigins): ConfigProblem[] {
  const unknownKey = issue.code === 'unrecognized_keys';
  const keyPaths = unknownKey ? issue.keys.map((name) => [...issue.path, name]) : [issue.path];
  return keyPaths.map((keyPath) => {
    // Items of a list are reported under the list's key.
    const path = keyPath.filter((part) => typeof part === 'string').join('.');
    return {
      where: originOf(path, keyPath, origins),
      path,
      // The value of a misspelt key may be a misspelt secret.
      value: unknownKey ? path : valueAt(origins.values, keyPath),
      expected: unknownKey ? knownName(path) : expectedAt(issue, path),
      unknownKey,
    };
  });
}

/** All problems in one FLIMD_E_CONFIG, one a line; value, expectation and action are those of the first. */
export function problemsError(problems: readonly ConfigProblem[]): FlimdError {
  const first = problems[0]!;
  return new FlimdError('FLIMD_E_CONFIG', problems.map(sentence).join('\n'), {
    value: shown(first),
    expected: first.expected,
    action: `${first.unknownKey ? 'rename or remove' : 'correct'} ${first.path || 'the file'} (${first.where})`,
  });
}

function originOf(path: string, keyPath: readonly PropertyKey[], { file, overrides }: ConfigOrigins): string {
  const override = overrides.filter(({ key }) => key === path).at(-1);
  if (override) return override.from;
  return file ? `${file.name}:${file.lineOf(keyPath)}` : 'configuration';
}

function expectedAt(issue: z.core.$ZodIssue, path: string): string {
  const stated: unknown = issue.code === 'custom' ? issue.params?.expected : undefined;
  if (typeof stated === 'string') return stated;
  return configKey(path)?.expected ?? 'a map of settings';
}

function knownName(path: string): string {
  const nearest = nearestKey(path);
  if (nearest) return nearest;
  const section = path.slice(0, path.lastIndexOf('.') + 1);
  const names = configKeys
    .filter((key) => key.path.startsWith(section))
    .map((key) => key.path.slice(section.length))
    .filter((name) => !name.includes('.'));
  return `one of ${names.join(', ')}`;
}

function valueAt(values: unknown, keyPath: readonly PropertyKey[]): unknown {
  let at = values;
  for (const name of keyPath) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[name];
  return at;
}

function sentence(problem: ConfigProblem): string {
  const { where, path, expected } = problem;
  if (!problem.unknownKey) {
    return `${where}: ${path || 'the configuration'} is ${JSON.stringify(shown(problem))}, expected ${expected}`;
  }
  const hint = configKey(expected) ? `did you mean ${expected}?` : `expected ${expected}`;
  return `${where}: ${path} is not a configuration key; ${hint}`;
}

function shown({ path, value }: ConfigProblem): unknown {
  if (SECRET_KEYS.has(path)) return '(hidden)';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : (value ?? null);
}
