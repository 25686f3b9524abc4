import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const root = path.resolve(import.meta.dirname, '../../..');
export const rtlFolder = path.join(root, 'firmware/rtl');
const benchFolder = path.join(root, 'firmware/tb');
const generatedFolder = path.join(root, 'firmware/generated');
const cacheFolder = path.join(root, 'build/rtl');

export interface BenchBuild {
  top: string;
  /** File names in firmware/rtl or firmware/generated, or absolute paths; the top module's own file first. */
  sources: string[];
  /** C++ file in firmware/tb, or absolute path. */
  testbench: string;
  /** Parameters of the top module. */
  parameters?: Record<string, number>;
  /** Additional C++ sources, absolute. */
  cppSources?: string[];
  /** Not written by hand: Verilator's warnings say nothing about it. */
  isNetlist?: boolean;
  /** Additional options of the C++ compiler, for example include folders. */
  cppOptions?: string[];
}

export interface BenchRun {
  exitCode: number;
  stdout: string;
}

/** Path of a source in firmware/rtl, or else in firmware/generated. */
function sourcePath(name: string): string {
  if (path.isAbsolute(name)) return name;
  const written = path.join(rtlFolder, name);
  return existsSync(written) ? written : path.join(generatedFolder, name);
}

/** Runs a program; what it printed goes into the error if it fails. */
async function must(program: string, args: string[], cwd: string): Promise<string> {
  try {
    return (await run(program, args, { cwd, maxBuffer: 64 << 20 })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(
      `${path.basename(program)} failed:\n${stderr ?? ''}${stdout ?? ''}${String(error)}`.slice(0, 8000),
    );
  }
}

function hashOf(parts: string[], files: string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  for (const file of files) hash.update(readFileSync(file)).update('\0');
  return hash.digest('hex').slice(0, 20);
}

/** Builds into a folder of its own and renames it, so that a second process never sees half of it. */
async function once(name: string, build: (folder: string) => Promise<void>): Promise<string> {
  const finished = path.join(cacheFolder, name);
  if (existsSync(finished)) return finished;
  const unfinished = `${finished}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  try {
    await build(unfinished);
    if (!existsSync(finished)) renameSync(unfinished, finished);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return finished;
}

async function verilatorInclude(): Promise<string> {
  return path.join((await must('verilator', ['--getenv', 'VERILATOR_ROOT'], root)).trim(), 'include');
}

/** Verilator's run-time library, compiled once for all benches. */
async function verilatorLibrary(include: string): Promise<string> {
  const names = ['verilated.cpp', 'verilated_threads.cpp'];
  const files = names.map((name) => path.join(include, name));
  return once(`library-${hashOf([], files)}`, async (folder) => {
    await must('g++', ['-std=c++17', '-O2', `-I${include}`, `-I${include}/vltstd`, '-c', ...files], folder);
  });
}

const warnings = [
  '-Wall',
  '-Wno-DECLFILENAME',
  '-Wno-UNUSEDSIGNAL',
  '-Wno-UNUSEDPARAM',
  '-Wno-PINCONNECTEMPTY',
];

async function verilateInto(folder: string, build: BenchBuild): Promise<void> {
  const parameters = Object.entries(build.parameters ?? {}).map(([name, value]) => `-G${name}=${value}`);
  const sources = build.sources.map(sourcePath);
  const lint = build.isNetlist ? ['-Wno-lint', '-Wno-fatal'] : warnings;
  const options = ['--cc', '--assert', '-O3', '--x-assign', 'unique', '--x-initial', 'unique', ...lint];
  options.push(`+incdir+${generatedFolder}`, '--prefix', 'Dut', '--top-module', build.top, '--Mdir', folder);
  await must('verilator', [...options, ...parameters, ...sources], root);
}

/** Verilates `top` with its bench into a program under build/rtl; nothing is built twice. Returns its path. */
export async function verilate(build: BenchBuild): Promise<string> {
  const testbench = path.resolve(benchFolder, build.testbench);
  const headers = [...new Set([benchFolder, path.dirname(testbench)])].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.h'))
      .sort()
      .map((name) => path.join(folder, name)),
  );
  const include = await verilatorInclude();
  const library = await verilatorLibrary(include);
  const generated = ['flimd_protocol.svh'].map(sourcePath);
  const inputs = [
    ...build.sources.map(sourcePath),
    ...generated,
    testbench,
    ...headers,
    ...(build.cppSources ?? []),
  ];
  const settings = [
    library,
    JSON.stringify(build.parameters ?? {}),
    warnings.join(),
    (build.cppOptions ?? []).join(),
  ];
  const folder = await once(
    `${build.top}-${hashOf([...settings, build.top], inputs)}`,
    async (unfinished) => {
      await verilateInto(unfinished, build);
      const model = readdirSync(unfinished).filter((name) => name.endsWith('.cpp'));
      writeFileSync(path.join(unfinished, 'model.cc'), model.map((name) => `#include "${name}"\n`).join(''));
      const includes = ['.', include, `${include}/vltstd`, benchFolder].map((at) => `-I${at}`);
      const compile = [
        '-std=c++20',
        '-O1',
        ...includes,
        ...(build.cppOptions ?? []),
        '-o',
        'bench',
        'model.cc',
      ];
      const objects = ['verilated.o', 'verilated_threads.o'].map((name) => path.join(library, name));
      await must(
        'g++',
        [...compile, testbench, ...(build.cppSources ?? []), ...objects, '-pthread'],
        unfinished,
      );
    },
  );
  return path.join(folder, 'bench');
}

/** Runs a bench; it prints what failed and ends with another code than 0. */
export async function runBench(program: string, args: (string | number)[]): Promise<BenchRun> {
  try {
    const { stdout } = await run(program, args.map(String), { maxBuffer: 64 << 20 });
    return { exitCode: 0, stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number; stdout?: string; stderr?: string };
    return { exitCode: typeof code === 'number' ? code : -1, stdout: `${stdout ?? ''}${stderr ?? ''}` };
  }
}
