import { findConfigFile, readConfigFile } from './config-file.js';
import { configKey } from './keys.js';
import { problemsError, problemsOf } from './problems.js';
import { configSchema, type Config } from './schema.js';

/** A value set outside the file, such as by a flag. Text is read as the type its key has. */
export interface ConfigOverride {
  /** Dotted key path, such as `server.port`. */
  key: string;
  /** Undefined leaves the key alone: a flag that was not given. */
  value: unknown;
  /** Where it comes from, for error messages: `--port`. */
  from: string;
}

export interface LoadOptions {
  /** Configuration file; otherwise flimd.config.yaml or .json in `directory`, where there is one. */
  file?: string;
  directory?: string;
  overrides?: readonly ConfigOverride[];
  env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The configuration: defaults, then the file, then FLIMD_TOKEN, then the overrides.
 * Throws FLIMD_E_CONFIG naming every wrong key with its file and line, or its flag.
 */
export function loadConfig(options: LoadOptions = {}): Config {
  const path = options.file ?? findConfigFile(options.directory ?? process.cwd());
  const file = path === null ? null : readConfigFile(path);
  const given = [...environment(options.env ?? {}), ...(options.overrides ?? [])];
  const overrides = given.filter(({ value }) => value !== undefined);
  const values = withoutEmptySections(file?.content ?? {});
  for (const override of overrides) setValue(values, override);
  const result = configSchema.safeParse(values);
  if (result.success) return deepFreeze(result.data);
  const origins = { values, file, overrides };
  throw problemsError(result.error.issues.flatMap((issue) => problemsOf(issue, origins)));
}

function environment(env: Readonly<Record<string, string | undefined>>): ConfigOverride[] {
  return env.FLIMD_TOKEN ? [{ key: 'server.token', value: env.FLIMD_TOKEN, from: 'FLIMD_TOKEN' }] : [];
}

/** A copy in which a section that was written down but left empty (`stream:`) is as good as absent. */
function withoutEmptySections(content: unknown): unknown {
  if (!isRecord(content)) return content;
  const kept = Object.entries(content).filter(([name, value]) => value !== null || !configKey(name)?.section);
  return Object.fromEntries(kept.map(([name, value]) => [name, isRecord(value) ? { ...value } : value]));
}

function setValue(values: unknown, override: ConfigOverride): void {
  const names = override.key.split('.');
  const last = names.pop()!;
  let at = values;
  for (const name of names) {
    if (!isRecord(at)) return;
    at = at[name] ??= {};
  }
  // Where the file has no section but a plain value, validation reports that value.
  if (isRecord(at)) at[last] = fromText(override);
}

function fromText({ key, value }: ConfigOverride): unknown {
  const type = configKey(key)?.type;
  if (typeof value !== 'string') return value;
  if (type === 'flag' && (value === 'true' || value === 'false')) return value === 'true';
  if ((type === 'integer' || type === 'number') && value.trim() !== '' && !Number.isNaN(Number(value))) {
    return Number(value);
  }
  return type === 'list' ? value.split(',').map((part) => part.trim()) : value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
