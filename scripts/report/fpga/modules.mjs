// What is counted, each with the parameters of a board or of a core's layout.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { boards } from '../../../dist/fpga/boards.js';

const root = path.resolve(import.meta.dirname, '../../..');

/** The whole device for every board, and each of its modules as on the first board. */
function firmwareModules() {
  const [first] = boards;
  const names = readdirSync(path.join(root, 'firmware/rtl')).map((name) => path.basename(name, '.sv'));
  const device = boards.map((board) => ({
    name: `flimd_device ${board.name}`,
    group: 'firmware',
    top: 'flimd_device',
    parameters: sizesOf('flimd_device', board),
  }));
  const parts = [...names.filter((name) => name !== 'flimd_device'), 'register_file'];
  return [
    ...parts.map((top) => ({ name: top, group: 'firmware', top, parameters: sizesOf(top, first) })),
    ...device,
  ];
}

/** Parameters that a board sets. */
function sizesOf(top, board) {
  if (top === 'register_file') return {};
  const source = readFileSync(path.join(root, `firmware/rtl/${top}.sv`), 'utf8');
  const sizes = { WORD_BITS: board.memory.wordBits, PAYLOAD_BITS: board.memory.payloadBits };
  return Object.fromEntries(
    Object.entries(sizes).filter(([name]) => source.includes(`parameter int ${name} `)),
  );
}

const unit = (unroll) => ({
  name: `gru_unit unroll ${unroll}`,
  group: 'datapath',
  top: 'gru_unit',
  parameters: { UNROLL: unroll },
});

const datapathModules = [
  ...[4, 8, 16, 32].map(unit),
  { name: 'dot_column 8', group: 'datapath', top: 'dot_column', parameters: { UNROLL: 8 } },
  {
    name: 'dot_column 8 in LUTs',
    group: 'datapath',
    top: 'dot_column',
    parameters: { UNROLL: 8 },
    dsp: false,
  },
  { name: 'gate_normalizer', group: 'datapath', top: 'gate_normalizer', parameters: {} },
  { name: 'head_row', group: 'datapath', top: 'head_row', parameters: { UNROLL: 4 } },
  { name: 'lifetime_output', group: 'datapath', top: 'lifetime_output', parameters: {} },
];

export const countedModules = () => [...firmwareModules(), ...datapathModules];
