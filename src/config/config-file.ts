import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { FlimdError } from '../protocol/errors.js';

/** Names looked for in the working directory where no file is given. */
export const CONFIG_FILE_NAMES = ['flimd.config.yaml', 'flimd.config.json'] as const;

const MAX_FILE_BYTES = 1024 * 1024;

/** A configuration file as it stands, with the line of every key. */
export interface ConfigFile {
  name: string;
  content: unknown;
  /** Line (from 1) of the deepest part of `keyPath` that the file has. */
  lineOf(keyPath: readonly PropertyKey[]): number;
}

/** The configuration file of `directory`, or null; two of them are an error, since one would be ignored. */
export function findConfigFile(directory: string): string | null {
  const found = CONFIG_FILE_NAMES.filter((name) => existsSync(path.join(directory, name)));
  if (found.length > 1) {
    throw new FlimdError('FLIMD_E_CONFIG', `${found.join(' and ')} are both there`, {
      value: found,
      expected: 'one configuration file',
      action: 'remove one of them, or name one with --config',
    });
  }
  return found[0] ? path.join(directory, found[0]) : null;
}

/** Reads YAML, or JSON, which is a part of YAML. Throws FLIMD_E_CONFIG with file and line. */
export function readConfigFile(file: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines, prettyErrors: false });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) {
    const { line, col } = lines.linePos(problem.pos[0]);
    throw new FlimdError('FLIMD_E_CONFIG', `${file}:${line}:${col}: ${problem.message}`, {
      expected: 'YAML or JSON',
      action: `correct line ${line} of ${file}`,
    });
  }
  return {
    name: file,
    content: contentOf(document, file),
    lineOf: (keyPath) => lines.linePos(offsetOf(document.contents, keyPath)).line,
  };
}

function readText(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const details = {
      value: file,
      expected: 'a readable file',
      action: 'check the path given with --config',
    };
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlimdError('FLIMD_E_CONFIG', `the configuration file cannot be read: ${reason}`, details, {
      cause,
    });
  }
  if (text.length > MAX_FILE_BYTES) {
    throw new FlimdError('FLIMD_E_CONFIG', `${file} is too long for a configuration`, {
      value: `${text.length} characters`,
      expected: `at most ${MAX_FILE_BYTES}`,
      action: 'check the path given with --config',
    });
  }
  return text;
}

/** Expands aliases; the parser bounds how many, so that a small file cannot grow without limit. */
function contentOf(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlimdError('FLIMD_E_CONFIG', `${file}: ${reason}`, { action: `correct ${file}` }, { cause });
  }
}

function offsetOf(root: Node | null, keyPath: readonly PropertyKey[]): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const name of keyPath) {
    if (!isMap(node)) break;
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === name);
    if (!pair) break;
    offset = (pair.key as Node).range?.[0] ?? offset;
    node = pair.value;
  }
  return offset;
}
