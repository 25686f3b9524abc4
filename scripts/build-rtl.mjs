// Builds flimd_device as a Node addon for `flimd sim --core rtl`: Verilator makes C++ of firmware/rtl, node-gyp an addon
// of that and firmware/sim. Result: build/rtl/flimd_rtl.node. Needs Verilator 5, Python 3 and a C++20 compiler.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** A half of the histogram memory: 2^19 words of four bins, that is 256 × 128 pixels of 64 bins. */
const WORD_BITS = 19;
/** Payloads of 128 KiB. */
const PAYLOAD_BITS = 17;

const root = path.resolve(import.meta.dirname, '..');
const rtl = path.join(root, 'firmware/rtl');
const generated = path.join(root, 'firmware/generated');
const sim = path.join(root, 'firmware/sim');
const output = path.join(root, 'build/rtl');
const model = path.join(output, 'model');

function must(program, args, advice) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}\n`);
  process.stderr.write(`flimd: the simulated bitstream could not be built. ${advice}\n`);
  process.exit(1);
}

function verilate() {
  rmSync(model, { recursive: true, force: true });
  mkdirSync(model, { recursive: true });
  const options = ['--cc', '-O3', '--x-assign', 'fast', '--x-initial', 'fast', '--noassert', '-Wno-fatal'];
  const sources = ['-y', rtl, '-y', generated, `+incdir+${generated}`, path.join(rtl, 'flimd_device.sv')];
  const parameters = [`-GWORD_BITS=${WORD_BITS}`, `-GPAYLOAD_BITS=${PAYLOAD_BITS}`];
  const target = ['--top-module', 'flimd_device', '--prefix', 'FlimdDevice', '--Mdir', model];
  must(
    'verilator',
    [...options, ...parameters, ...target, ...sources],
    'It needs Verilator 5 (Debian/Ubuntu: apt-get install verilator).',
  );
  const parts = readdirSync(model).filter((name) => name.endsWith('.cpp'));
  const includes = parts.map((name) => `#include "${name}"\n`);
  writeFileSync(path.join(model, 'model.cc'), includes.join(''));
  // gyp takes no sources by absolute paths, so Verilator's own come in by inclusion.
  writeFileSync(path.join(model, 'runtime.cc'), '#include "verilated.cpp"\n');
  writeFileSync(path.join(model, 'runtime_threads.cc'), '#include "verilated_threads.cpp"\n');
  const limits = `constexpr int kWordBits = ${WORD_BITS}, kPayloadBits = ${PAYLOAD_BITS};`;
  writeFileSync(path.join(model, 'model_limits.h'), `#pragma once\nnamespace flimd_sim {\n${limits}\n}\n`);
}

function buildAddon() {
  const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
  const prefix = path.resolve(path.dirname(process.execPath), '..');
  const headers = existsSync(path.join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
  must(
    process.execPath,
    [nodeGyp, 'configure', 'build', '--jobs', 'max', '-C', sim, ...headers],
    'It needs Python 3 and a C++20 compiler beside Verilator.',
  );
  copyFileSync(path.join(sim, 'build/Release/flimd_rtl.node'), path.join(output, 'flimd_rtl.node'));
}

verilate();
buildAddon();
