// Writes everything that is made from the data in src/protocol, src/config, src/metrics, src/camera-sim, src/fpga and models: C++ and Verilog
// headers, settings of the boards, docs tables.
// `--check` writes nothing and fails where a file differs from what would be written. Needs `npm run build:ts`.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as protocol from '../dist/protocol/index.js';
import { boards } from '../dist/fpga/boards.js';
import { simOptionTable } from '../dist/camera-sim/options.js';
import { configJsonSchema, configReference } from '../dist/config/index.js';
import { boardConfig } from './generate/board-tcl.mjs';
import { cppFixedPointHeader } from './generate/cpp-fixed-point.mjs';
import { coreHeader } from '../dist/fpga/core-header.js';
import { planGates } from '../dist/lifetime/gate-plan.js';
import { loadModelPackage } from '../dist/lifetime/model-package.js';
import { metricGroups } from '../dist/metrics/index.js';
import { cppProtocolHeader } from './generate/cpp-protocol.mjs';
import { hlsVectors } from './generate/hls-vectors.mjs';
import * as markdown from './generate/markdown.mjs';
import { metricsBlocks } from './generate/metrics.mjs';
import { slowControlBlocks } from './generate/slow-control.mjs';
import { verilogProtocolHeader } from './generate/verilog-protocol.mjs';
import { verilogRegisterFile } from './generate/verilog-registers.mjs';

const root = path.resolve(import.meta.dirname, '..');
const check = process.argv.includes('--check');

/** The file with the text between `<!-- generated: NAME -->` and `<!-- end -->` replaced by each named block. */
function withBlocks(file, blocks) {
  let text = readFileSync(path.join(root, file), 'utf8');
  for (const [name, content] of Object.entries(blocks)) {
    const pattern = new RegExp(`(<!-- generated: ${name} -->\n)[\\s\\S]*?(\n<!-- end -->)`);
    if (!pattern.test(text)) throw new Error(`${file} has no block "${name}"`);
    text = text.replace(pattern, (_, open, close) => `${open}\n${content}\n${close}`);
  }
  return text;
}

const readJson = (...parts) => JSON.parse(readFileSync(path.join(root, ...parts), 'utf8'));

function modelDescriptions() {
  const names = readdirSync(path.join(root, 'models')).sort();
  return names.map((name) => readJson('models', name, 'model.json'));
}

/** Settings for the vendor scripts, and the model as constants of the core, for each board. */
async function boardFiles() {
  const { version } = readJson('package.json');
  const files = {};
  for (const board of boards) {
    const { sensor, core, name } = board;
    const model = await loadModelPackage(path.join(root, 'models', core.model));
    const { bins, binWidthFs, laserPeriodFs } = sensor;
    const plan = planGates(model.timing, {
      bins,
      binWidthPs: binWidthFs / 1000,
      laserPeriodPs: laserPeriodFs / 1000,
    });
    files[`firmware/boards/${name}/config.tcl`] = boardConfig(board, model, version);
    files[`firmware/boards/${name}/model.h`] = coreHeader(model, plan, core);
  }
  return files;
}

/** The model in the bitstream of the boards, and the detector bins of these. */
const BITSTREAM_MODEL = 'cells-12.5ns-32';
const BITSTREAM_BINS = 64;

/** The committed header is for looking at the core with any HLS tool: small. The boards have headers of their own. */
const SMALL_CORE = { lanes: 1, unroll: 8, turns: 1 };

const coreModel = await loadModelPackage(path.join(root, 'models', BITSTREAM_MODEL));
const laserPeriodPs = coreModel.timing.laserPeriodFs / 1000;
const corePlan = planGates(coreModel.timing, {
  bins: BITSTREAM_BINS,
  binWidthPs: laserPeriodPs / BITSTREAM_BINS,
  laserPeriodPs,
});

const outputs = {
  [`hls/generated/${BITSTREAM_MODEL}/model.h`]: coreHeader(coreModel, corePlan, SMALL_CORE),
  [`hls/tb/vectors/${BITSTREAM_MODEL}.txt`]: hlsVectors(coreModel, corePlan),
  'native/generated/fixed_point.h': cppFixedPointHeader(protocol.fixedPoint),
  'native/generated/protocol.h': cppProtocolHeader(protocol),
  'firmware/generated/flimd_protocol.svh': verilogProtocolHeader(protocol),
  'firmware/generated/register_file.sv': verilogRegisterFile(protocol),
  ...(await boardFiles()),
  'docs/registers.md': markdown.registersPage(protocol),
  'docs/errors.md': markdown.errorsPage(protocol),
  'docs/configuration.md': configReference(),
  'docs/config.schema.json': `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
  'docs/protocol.md': withBlocks('docs/protocol.md', {
    'packet-header': markdown.packetHeaderTable(protocol),
    'packet-types': markdown.packetTypeTable(protocol),
    'lifetime-planes': markdown.lifetimePlaneTable(protocol),
    'usb-endpoints': markdown.usbEndpointTable(protocol),
    'usb-requests': markdown.usbRequestTable(protocol),
    'usb-events': markdown.usbEventTable(protocol),
  }),
  'docs/metrics.md': withBlocks('docs/metrics.md', metricsBlocks(metricGroups)),
  'docs/slow-control.md': withBlocks('docs/slow-control.md', slowControlBlocks(protocol)),
  'docs/training.md': withBlocks('docs/training.md', {
    packages: markdown.packageTable(modelDescriptions()),
  }),
  'docs/virtual-camera.md': withBlocks('docs/virtual-camera.md', {
    'sim-options': markdown.simOptionsTable(simOptionTable),
  }),
};

let stale = 0;
for (const [file, text] of Object.entries(outputs)) {
  const target = path.join(root, file);
  if (existsSync(target) && readFileSync(target, 'utf8') === text) continue;
  stale++;
  console.log(`${check ? 'stale' : 'wrote'}: ${file}`);
  if (check) continue;
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
}
if (check && stale) {
  console.error('generated files differ from their source: run `npm run generate` and commit');
  process.exit(1);
}
