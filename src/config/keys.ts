import { z } from 'zod';
import { configSchema } from './schema.js';

/** One configuration key, or a section that holds others. */
export interface ConfigKey {
  /** Dotted path, such as `server.port`. */
  path: string;
  section: boolean;
  type: 'text' | 'integer' | 'number' | 'flag' | 'list' | 'section';
  /** What a valid value is, in words. */
  expected: string;
  default: unknown;
  meaning: string;
}

interface SchemaNode {
  type?: string;
  properties?: Record<string, SchemaNode>;
  anyOf?: SchemaNode[];
  enum?: string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  expected?: string;
  default?: unknown;
  description?: string;
}

/** JSON Schema (2020-12) of a configuration file, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  return { title: 'flimd configuration', ...z.toJSONSchema(configSchema, { io: 'input' }) };
}

/** All keys and sections, in the order of the schema. */
export const configKeys: readonly ConfigKey[] = keysOf(configJsonSchema() as SchemaNode, '');

const byPath = new Map(configKeys.map((key) => [key.path, key]));

export function configKey(path: string): ConfigKey | undefined {
  return byPath.get(path);
}

function keysOf(node: SchemaNode, prefix: string): ConfigKey[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const path = prefix + name;
    return [describe(path, child), ...keysOf(child, `${path}.`)];
  });
}

function describe(path: string, node: SchemaNode): ConfigKey {
  const nullable = node.anyOf?.some((branch) => branch.type === 'null') ?? false;
  const value = node.anyOf?.find((branch) => branch.type !== 'null') ?? node;
  const type = typeOf(value);
  return {
    path,
    section: type === 'section',
    type,
    expected: expectation(type, value) + (nullable ? ', or nothing' : ''),
    default: type === 'section' ? undefined : node.default,
    meaning: node.description ?? '',
  };
}

function typeOf(node: SchemaNode): ConfigKey['type'] {
  if (node.type === 'object') return 'section';
  if (node.type === 'array') return 'list';
  if (node.type === 'boolean') return 'flag';
  return node.type === 'integer' || node.type === 'number' ? node.type : 'text';
}

function expectation(type: ConfigKey['type'], node: SchemaNode): string {
  if (node.expected) return node.expected;
  if (node.enum) return `one of ${node.enum.join(', ')}`;
  if (type === 'section') return `a section with ${Object.keys(node.properties ?? {}).join(', ')}`;
  if (type === 'flag') return 'true or false';
  if (type === 'integer') return `a whole number from ${node.minimum} to ${node.maximum}`;
  if (type === 'number') return `a number from ${node.minimum} to ${node.maximum}`;
  return node.minLength ? 'text that is not empty' : 'text';
}
