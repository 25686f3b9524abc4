// docs/fpga.md and its chart, from counts and the description of each board.
import { bullets, fixed, paragraphs, whole } from '../format.mjs';
import { renderSvg } from '../render.mjs';
import { lanesChart } from './chart.mjs';
import { boardSection, publishedSection } from './boards-section.mjs';
import { comparisonSection, modulesSection } from './counts-section.mjs';

const CHART = 'fpga/pixels-per-second.svg';

/** Every file of the report by its path in docs/. */
export async function fpgaReport(report) {
  return { 'fpga.md': page(report), [CHART]: await renderSvg(lanesChart(report.boards)) };
}

function page(report) {
  const text = paragraphs(
    '# The bitstream: cycles, resources, frame rates',
    '<!-- Generated from fpga.json and src/fpga by scripts/fpga-report.mjs. Do not edit. -->',
    intro(report),
    basisSection(report),
    '## Per board',
    `![Pixels per second against lanes](${CHART})`,
    ...report.boards.map(boardSection),
    publishedSection(report.boards),
    scheduleSection(report.boards),
    comparisonSection(report),
    assumptionsSection(),
    modulesSection(report),
    jsonSection(),
    again(),
  );
  return `${text}\n`;
}

function intro({ boards }) {
  const layouts = boards.map(({ board, lanes, perLanes }) => {
    const { pixelsPerSecond } = perLanes.find((row) => row.lanes === lanes);
    return `${board}: ${lanes} lanes, ${whole(pixelsPerSecond)} pixels/s`;
  });
  return (
    `The lifetime core with the model ${boards[0].model} on the boards of \`src/fpga/boards.ts\` (estimated: ${layouts.join('; ')}). ` +
    'No figure on this page comes from Vitis HLS, Vivado or a board: none of them was available. ' +
    '`flimd model show DIR --fpga BOARD` gives the same tables for any model.'
  );
}

const basisSection = ({ tool }) => `## What is measured, what is estimated, what was not run

| figure | basis | how |
|---|---|---|
| bits of the core | measured | the C++ of \`hls/\` compiled on the host against the reference and the native kernel: \`npm run test:hls\` |
| bits of the arithmetic datapath, its pipeline depths | measured | \`hls/datapath\` in Verilator against the reference arithmetic: \`test/fpga/datapath.test.ts\` |
| behaviour of the RTL | measured | \`firmware/rtl\` in Verilator: \`npm run test:rtl\` |
| LUT, flip-flops, DSP48E1, block RAM of RTL and datapath | measured | ${tool}, \`synth_xilinx -family xc7 -flatten\`; LUTs before packing, no placement |
| cycles per pixel, pixels/s, latency | **estimated** | trip counts of the loops, the intervals their pragmas ask for, depths of the datapath (\`src/fpga/schedule.ts\`) |
| resources of the whole core and bitstream | **estimated** | counts of the parts, memories by shape, assumptions listed below (\`src/fpga/resources.ts\`) |
| clock rates | **assumed** | \`src/fpga/boards.ts\`: what Vivado will be asked for |
| Vitis HLS: intervals reached, its own resources | **not run** | scripts and the check of intervals are in \`hls/scripts\` |
| Vivado: synthesis, placement, timing closure, power | **not run** | scripts are in \`firmware/scripts\` |
| a board: frame rate, link throughput | **not run** | |`;

function scheduleSection(boards) {
  const stages = ['gather', 'prepare', 'recur', 'decide', 'emit'];
  const rows = boards.map(
    ({ board, lanes, turns, stageCyclesPerBlock, latencyUs }) =>
      `| ${board} | ${lanes * turns} | ${stages.map((stage) => whole(stageCyclesPerBlock[stage])).join(' | ')} | ${fixed(latencyUs, 0)} |`,
  );
  const [{ recurrenceCycles }] = boards;
  return paragraphs(
    '## Schedule (estimated)',
    'Cycles of the five stages for a block of lanes × turns pixels. They work on different blocks at the same time, so the slowest sets the pace; latency is that of a block through all of them.',
    [
      `| board | pixels a block | ${stages.join(' | ')} | latency (µs) |`,
      `|---|${'---:|'.repeat(7)}`,
      ...rows,
    ].join('\n'),
    `The recurrence decides how many turns a lane needs. A state takes ${recurrenceCycles} cycles from its last product to the operand of the next gate ` +
      '(18 in the datapath as Verilator counts them, and 2 for memories), and is needed again after turns × units/unroll iterations. Where that is less, the loop cannot begin an iteration every cycle.',
    bullets(boards.map(turnsSentence)),
  );
}

function turnsSentence({ board, turns, unroll, recurrenceDistance, encoderInterval, turnsForEveryCycle }) {
  const pace = encoderInterval === 1 ? 'one every cycle' : `one every ${encoderInterval} cycles`;
  return (
    `${board}: unroll ${unroll}, ${turns} turns, ${recurrenceDistance} iterations: ${pace}. The fewest turns for one every cycle are ${turnsForEveryCycle}; ` +
    '`hls/` is written for a depth of 32, so that the HLS tool has room for more stages.'
  );
}

const assumptionsSection = () => `## Assumptions

${bullets([
  'LUTs and flip-flops of the lanes: those of the datapath times 1.25, for enables and pipeline registers of an HLS tool.',
  'Control of the core, its AXI-Lite slave and its stream ends: 2,500 LUTs, 3,000 flip-flops.',
  'XDMA: 25,000 LUTs, 25,000 flip-flops, 60 RAMB36, on the high side; AMD’s own table was not at hand. Clocks, resets, interconnect and camera head: 3,000 LUTs, 3,500 flip-flops.',
  'A memory of at most 1,024 bits is distributed, a larger one block RAM; ping-pong memories between stages have twice the words.',
  'A frame is one call of the core, started when it is idle: frame rates of the core count whole blocks, and the filling and draining of its pipeline; pixels per second do not.',
  'A loop costs 2 cycles to enter and leave, a stage 2 to start, a memory 1 to read and 1 to write.',
  'A design fits while it takes at most 80 % of LUTs and flip-flops and 90 % of DSP slices and block RAM.',
  'Every multiplication is a DSP slice: 3 × unroll + 12 in a unit, 3 in the normalization, 5 + 4 in the head. In LUTs an int8 product costs about 175 by Yosys (`dot_column 8 in LUTs` below), so LUTs could carry more lanes where DSP slices run out.',
])}`;

const jsonSection = () => `## As JSON

\`flimd model show DIR --fpga BOARD --json\` adds a member \`fpga\` to the description of the model: \`board\`, \`part\`, \`clockMHz\`, the layout (\`bins\`, \`gates\`, \`hidden\`, \`head\`, \`lanes\`, \`unroll\`, \`turns\`), \`basis\` (\`estimated\`: holds for all but \`published\`), \`sensorProblem\` (why the model does not fit the sensor that the board is set to, if so), \`encoderInterval\` and \`turnsForEveryCycle\` (cycles between iterations of the recurrence; turns for 1), \`stageCyclesPerBlock\`, \`slowestStage\`, \`latencyUs\`, \`utilizationCeiling\` (shares of the part), \`mostLanes\`; per lane count \`perLanes\` (\`cyclesPerPixel\`, \`pixelsPerSecond\`, \`latencyUs\`, \`resources\`, \`utilization\`, \`fits\`, \`tooMany\`); \`frames\` for 32², 128², 512² (\`framesPerSecond\`, \`limitedBy\`, \`limits\`, \`histogramsFit\`); \`published\`.`;

const again = () => `## Again

\`node scripts/fpga-report.mjs\` counts all modules (ten minutes) and writes this page; \`--page\` writes it from the counts in \`fpga.json\`; \`--check\` tells whether it is stale. \`test/fpga\` counts two modules again and holds the estimates against all counts.`;
