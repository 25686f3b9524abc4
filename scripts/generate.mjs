// Writes everything that is made from the data in src/protocol, src/config, src/camera-sim and models: C++ and Verilog headers, docs tables.
// `--check` writes nothing and fails where a file differs from what would be written. Needs `npm run build:ts`.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as protocol from '../dist/protocol/index.js';
import { simOptionTable } from '../dist/camera-sim/options.js';
import { configJsonSchema, configReference } from '../dist/config/index.js';
import { cppFixedPointHeader } from './generate/cpp-fixed-point.mjs';
import { cppProtocolHeader } from './generate/cpp-protocol.mjs';
import * as markdown from './generate/markdown.mjs';
import { slowControlBlocks } from './generate/slow-control.mjs';
import { verilogProtocolHeader } from './generate/verilog-protocol.mjs';

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

function modelDescriptions() {
  const models = path.join(root, 'models');
  const read = (name) => JSON.parse(readFileSync(path.join(models, name, 'model.json'), 'utf8'));
  return readdirSync(models).sort().map(read);
}

const outputs = {
  'native/generated/fixed_point.h': cppFixedPointHeader(protocol.fixedPoint),
  'native/generated/protocol.h': cppProtocolHeader(protocol),
  'firmware/generated/flimd_protocol.svh': verilogProtocolHeader(protocol),
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
