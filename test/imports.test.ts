import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');

/** Rooms of the house and what each may import besides itself (ARCHITECTURE.md, "Who may import whom"). */
const mayImport: Record<string, string[]> = {
  protocol: [],
  random: [],
  // The colours of lifetimes, for the viewer and for pictures of recordings.
  colour: [],
  link: ['protocol'],
  acquisition: ['protocol'],
  camera: ['protocol', 'link', 'acquisition'],
  lifetime: ['protocol'],
  // Boards, budgets and generated sources of the bitstream.
  fpga: ['protocol', 'lifetime'],
  recording: ['protocol', 'lifetime', 'colour'],
  export: ['protocol', 'recording'],
  'camera-sim': ['protocol', 'random', 'lifetime', 'fpga', 'recording', 'link'],
  stream: ['protocol', 'lifetime'],
  config: ['protocol'],
  // What is counted, as Prometheus reads it.
  metrics: ['protocol'],
  server: ['protocol', 'config', 'stream'],
  service: ['protocol'],
  client: ['protocol'],
  // Its decays are drawn with the virtual camera's random numbers.
  training: ['protocol', 'random', 'lifetime', 'recording'],
  evaluation: ['protocol', 'random', 'lifetime', 'recording', 'training'],
  calibration: ['protocol', 'random', 'recording', 'lifetime', 'training'],
  // Opened cameras only: who opens them is the command.
  validation: ['protocol', 'random', 'lifetime', 'acquisition', 'camera'],
  viewer: ['protocol', 'client', 'colour'],
};
const seesEverything = new Set(['run', 'cli', 'daemon', 'version', 'worker-file', 'native-addon']);
/** Single modules of src/ that any room may use. */
const common = new Set(['worker-file', 'version', 'native-addon']);

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
    .map((name) => path.join(folder, name))
    .filter((name) => statSync(name).isFile());
}

/** The room of a file: the folder below src/, or the module itself where it lies in src/. */
function roomOf(file: string): string {
  const relative = path.relative(root, file).split(path.sep);
  if (relative[0] === 'viewer') return 'viewer';
  return relative[1]!.replace(/\.ts$/, '');
}

const importPattern = /(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g;

function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(importPattern)].map((match) => match[1]!);
}

const files = [...sourceFiles(path.join(root, 'src')), ...sourceFiles(path.join(root, 'viewer'))];

describe('who may import whom', () => {
  it('sees every room of the house', () => {
    const rooms = new Set(files.map(roomOf));
    for (const room of rooms) expect(seesEverything.has(room) || room in mayImport, room).toBe(true);
    expect(rooms.size).toBeGreaterThan(10);
  });

  it.each(Object.keys(mayImport))('%s imports only what it may', (room) => {
    const wrong: string[] = [];
    for (const file of files.filter((candidate) => roomOf(candidate) === room)) {
      for (const imported of importsOf(file).filter((name) => name.startsWith('.'))) {
        const target = roomOf(path.resolve(path.dirname(file), imported.replace(/\.js$/, '.ts')));
        if (target !== room && !common.has(target) && !mayImport[room]!.includes(target)) {
          wrong.push(`${path.relative(root, file)} → ${target}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('only training imports TF.js, and the daemon imports neither training nor what builds on it', () => {
    const wrong = files.filter(
      (file) =>
        (roomOf(file) !== 'training' && importsOf(file).some((name) => name.startsWith('@tensorflow/'))) ||
        (!['training', 'evaluation', 'calibration', 'cli'].includes(roomOf(file)) &&
          importsOf(file).some((name) => /\/(training|evaluation|calibration)\//.test(name))),
    );
    expect(wrong).toEqual([]);
  });

  it('protocol, client and colour are free of Node modules, so that browsers can use them', () => {
    const wrong = files
      .filter((file) => ['protocol', 'client', 'colour'].includes(roomOf(file)))
      .filter((file) => importsOf(file).some((name) => name.startsWith('node:')));
    expect(wrong).toEqual([]);
  });
});
