import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { errorCodes, FlimdError, type ErrorCode } from '../../src/protocol/errors.js';
import type { ServerMessage } from '../../src/protocol/stream.js';
import { httpStatusOf } from '../../src/server/error-answer.js';
import { endMessage, frameMessage, startMessage } from '../stream/sample-messages.js';
import { StreamFixture } from '../stream/stream-fixture.js';

const root = path.resolve(import.meta.dirname, '../..');
const page = readFileSync(path.join(root, 'docs/api.md'), 'utf8');

/** Field name → type, as the page has it. */
type Fields = Record<string, string>;

function documented(name: string): Fields {
  const block = new RegExp(`<!-- fields: ${name} -->\\n\\n((?:\\|.*\\n)+)`).exec(page)?.[1] ?? '';
  const rows = block.trim().split('\n').slice(2);
  return Object.fromEntries(
    rows.map((row) => {
      const [, field, type] = row.split('|').map((cell) => cell.trim().replaceAll('`', ''));
      return [field!, type!];
    }),
  );
}

const documentedNames = [...page.matchAll(/<!-- fields: (\w+) -->/g)].map((match) => match[1]!);

/** The interfaces of src/protocol, in the words of the page. */
class ProtocolTypes {
  readonly #checker: ts.TypeChecker;
  readonly #interfaces = new Map<string, ts.InterfaceDeclaration>();

  constructor() {
    const files = ['stream.ts', 'errors.ts'].map((name) => path.join(root, 'src/protocol', name));
    const options = {
      strict: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      types: [],
    };
    const program = ts.createProgram(files, options);
    this.#checker = program.getTypeChecker();
    for (const file of files) {
      program.getSourceFile(file)!.forEachChild((node) => {
        if (ts.isInterfaceDeclaration(node)) this.#interfaces.set(node.name.text, node);
      });
    }
  }

  streamInterfaces(): string[] {
    return [...this.#interfaces.keys()].filter((name) => name !== 'ErrorDetails');
  }

  fieldsOf(name: string): Fields {
    return this.#fields(this.#checker.getTypeAtLocation(this.#interfaces.get(name)!), '');
  }

  #fields(type: ts.Type, prefix: string): Fields {
    const entries = this.#checker.getPropertiesOfType(type).flatMap((property) => {
      const propertyType = this.#checker.getTypeOfSymbol(property);
      const inner = this.#checker.getNonNullableType(propertyType);
      if (isInline(inner)) return Object.entries(this.#fields(inner, `${prefix}${property.name}.`));
      return [[prefix + property.name, this.#word(propertyType)] as const];
    });
    return Object.fromEntries(entries);
  }

  #word(type: ts.Type): string {
    if (type.flags & ts.TypeFlags.Unknown) return 'anything';
    const nullable = type.isUnion() && type.types.some((part) => part.flags & ts.TypeFlags.Null);
    return this.#plainWord(this.#checker.getNonNullableType(type)) + (nullable ? ' or null' : '');
  }

  #plainWord(type: ts.Type): string {
    if (type.isStringLiteral()) return JSON.stringify(type.value);
    const [part] = type.isUnion() ? type.types : [type];
    if (part!.flags & ts.TypeFlags.StringLike) return 'text';
    if (part!.flags & ts.TypeFlags.NumberLike) return 'number';
    if (part!.flags & ts.TypeFlags.BooleanLike) return 'flag';
    if (this.#checker.isArrayType(type) || this.#checker.isTupleType(type)) return 'list';
    return type.symbol.name === 'Uint8Array' ? 'bytes' : 'map';
  }
}

/** `{ p50: number; p99: number }` written where it is used; a Record has no properties of its own. */
function isInline(type: ts.Type): boolean {
  return type.symbol?.name === '__type' && type.getProperties().length > 0;
}

const predicates: Record<string, (value: unknown) => boolean> = {
  text: (value) => typeof value === 'string',
  integer: (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 32,
  number: (value) => typeof value === 'number',
  flag: (value) => typeof value === 'boolean',
  bytes: (value) => value instanceof Uint8Array,
  list: (value) => Array.isArray(value),
  map: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  anything: () => true,
};

/** Fields of a message that are not as the page says, or not on it. */
function deviations(message: Record<string, unknown>, fields: Fields): string[] {
  const wrong = Object.entries(fields).filter(([field, type]) => {
    const names = field.split('.');
    let value: unknown = message;
    for (const name of names) {
      if (value === null) return false;
      value = (value as Record<string, unknown>)[name];
    }
    if (value === null) return !type.endsWith(' or null');
    const word = type.replace(' or null', '');
    return word.startsWith('"') ? value !== JSON.parse(word) : !predicates[word]!(value);
  });
  const known = new Set(Object.keys(fields).map((field) => field.split('.')[0]));
  const unknown = Object.keys(message).filter((name) => !known.has(name));
  return [
    ...wrong.map(([field, type]) => `${field} is not ${type}`),
    ...unknown.map((name) => `${name} is not there`),
  ];
}

describe('docs/api.md', () => {
  let types: ProtocolTypes;
  beforeAll(() => void (types = new ProtocolTypes()));

  it('has a table for every type of the stream', () => {
    expect([...documentedNames].sort()).toEqual(types.streamInterfaces().sort());
  });

  it.each(documentedNames)('describes %s as the protocol has it', (name) => {
    const asNumbers = Object.entries(documented(name)).map(([field, type]) => [
      field,
      type.replace('integer', 'number'),
    ]);
    expect(Object.fromEntries(asNumbers)).toEqual(types.fieldsOf(name));
  });

  it('gives every error code its HTTP status', () => {
    const rows = [...page.matchAll(/^\| (\d{3}) \| (.*FLIMD_E.*) \|$/gm)];
    const listed = new Map(
      rows.flatMap((row) =>
        [...row[2]!.matchAll(/FLIMD_E_\w+/g)].map(([code]) => [code, Number(row[1])] as const),
      ),
    );
    for (const code of Object.keys(errorCodes) as ErrorCode[]) {
      expect([code, httpStatusOf(new FlimdError(code, ''))]).toEqual([code, listed.get(code) ?? 500]);
    }
  });
});

describe('real messages', () => {
  let fixture: StreamFixture;
  afterEach(() => fixture.close());

  function publishSeries(): void {
    const deconvolved = { startPs: 1500, stepPs: 390.625, values: [0.75, 0.1], photons: 900 };
    fixture.stream.seriesStarted(startMessage(), () => deconvolved);
    fixture.stream.publish(frameMessage(0), () => new Uint32Array(256));
    fixture.stream.publish(frameMessage(1, { partial: true }));
    fixture.stream.seriesEnded(endMessage());
  }

  it('are as docs/api.md says', async () => {
    fixture = await StreamFixture.start();
    const client = await fixture.connect();
    client.send({ type: 'watch', x: 3, y: 4 });
    client.send({ type: 'nonsense' });
    await client.settled();
    publishSeries();
    await client.settled();
    const tables: Record<ServerMessage['type'], string> = {
      start: 'StartMessage',
      frame: 'FrameMessage',
      decay: 'DecayMessage',
      end: 'EndMessage',
      status: 'StatusMessage',
      error: 'ErrorMessage',
      clock: 'ClockMessage',
    };
    const wrong = client.messages.flatMap((message) =>
      deviations({ ...message }, documented(tables[message.type])).map((text) => `${message.type}: ${text}`),
    );
    expect(wrong).toEqual([]);
    expect(new Set(client.messages.map(({ type }) => type))).toEqual(new Set(Object.keys(tables)));
    const [start] = client.of('start');
    const status = client.of('status')[0]!.status;
    const parts = { CameraDescription: start!.camera, ModelDescription: start!.model!, DaemonStatus: status };
    for (const [name, part] of Object.entries(parts))
      expect(deviations({ ...part }, documented(name))).toEqual([]);
    const [decay] = client.of('decay');
    expect(deviations({ ...decay!.deconvolved }, documented('DeconvolvedDecay'))).toEqual([]);
    expect(deviations({ ...client.of('end')[0]!.counters }, documented('RunCounters'))).toEqual([]);
    expect(
      start!.planes.flatMap((plane) => deviations({ ...plane }, documented('PlaneDescription'))),
    ).toEqual([]);
  });

  it('are read by the TypeScript example', async () => {
    fixture = await StreamFixture.start();
    const example = /```ts\n([\s\S]*?)```/.exec(page)![1]!;
    // Beside the tests, so that its imports are found.
    const file = path.join(import.meta.dirname, `example-${process.pid}.mjs`);
    writeFileSync(file, example.replace('ws://127.0.0.1:8650/api/v1/stream', fixture.url));
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    while (fixture.stream.counts().clients === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    publishSeries();
    while (!output.includes('frame 1')) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill();
    rmSync(file);
    // (7i + 13·frame) mod 2^16 over 128 × 128 pixels is 0 once for frame 0 and nowhere for frame 1.
    expect(output).toContain('frame 0: 16383 of 16384 pixels valid');
    expect(output).toContain('frame 1: 16384 of 16384 pixels valid');
  });
});
