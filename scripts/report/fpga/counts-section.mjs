// What Yosys counted, and the model's estimates beside it.
import { change, paragraphs, whole } from '../format.mjs';

const kinds = { dsps: 'DSP48E1', ramb36: 'RAMB36', luts: 'LUT', flipFlops: 'flip-flops' };
const names = Object.keys(kinds);
const header = (first) =>
  `| ${first} | ${Object.values(kinds).join(' | ')} |\n|---|${'---:|'.repeat(names.length)}`;

export function comparisonSection({ comparisons }) {
  const rows = comparisons.map(({ name, estimated, counted }) => {
    const cells = names.map((kind) => {
      const off =
        counted[kind] === estimated[kind] ? '' : ` (${change(estimated[kind] / counted[kind] - 1)})`;
      return `${whole(estimated[kind])} / ${whole(counted[kind])}${off}`;
    });
    return `| ${name} | ${cells.join(' | ')} |`;
  });
  return paragraphs(
    '## The model held against the counts',
    'Estimated / counted by Yosys. Coefficients were read from these counts, so agreement says that the form of the model is right (how it grows with unroll and memory), not that it was predicted.',
    [header('part'), ...rows].join('\n'),
  );
}

export function modulesSection({ modules, tool }) {
  const row = ({ name, parameters, ...counts }) => {
    const sizes = Object.entries(parameters).map(([key, value]) => `${key} ${value}`);
    return `| ${name}${sizes.length ? ` (${sizes.join(', ')})` : ''} | ${names.map((kind) => whole(counts[kind])).join(' | ')} |`;
  };
  const table = (group) =>
    [header('module'), ...modules.filter((module) => module.group === group).map(row)].join('\n');
  return paragraphs(
    `## Counted (${tool})`,
    'Each module by itself with all below it, so rows overlap.',
    '### The arithmetic datapath, one lane (`hls/datapath`)',
    table('datapath'),
    '### The firmware (`firmware/rtl`)',
    table('firmware'),
  );
}
