// What a board reaches: lanes and frames. All estimated.
import { fixed, list, paragraphs, whole } from '../format.mjs';

const kinds = { dsps: 'DSP48E1', ramb36: 'RAMB36', luts: 'LUT', flipFlops: 'flip-flops' };
const share = (part) => `${Math.ceil(100 * part)} %`;

export const boardSection = (board) =>
  paragraphs(
    `### ${board.title}`,
    `${board.part}, core at ${board.clockMHz} MHz, unroll ${board.unroll}, ${board.turns} turns; set to ${board.lanes} lanes, ` +
      `**at most ${board.mostLanes} fit** (estimated).`,
    lanesTable(board),
    `Frame rates with ${whole(board.framePhotonsPerPixel)} photons a pixel; each limit alone in frames per second (estimated):`,
    framesTable(board),
  );

function lanesTable({ perLanes }) {
  const rows = perLanes.map(({ lanes, cyclesPerPixel, pixelsPerSecond, resources, utilization, tooMany }) => {
    const taken = Object.keys(kinds).map((kind) => `${whole(resources[kind])} (${share(utilization[kind])})`);
    const fits = tooMany.length ? `no: ${list(tooMany.map((kind) => kinds[kind]))}` : 'yes';
    return `| ${lanes} | ${whole(cyclesPerPixel)} | ${whole(pixelsPerSecond)} | ${taken.join(' | ')} | ${fits} |`;
  });
  const head = `| lanes | cycles/pixel | pixels/s | ${Object.values(kinds).join(' | ')} | fits |`;
  return [head, '|---:|---:|---:|---:|---:|---:|---:|---|', ...rows].join('\n');
}

function framesTable({ frames }) {
  const rate = (value) => fixed(value, value < 10 ? 1 : 0);
  const rows = frames.map(({ lanes, width, height, framesPerSecond, limitedBy, limits, histogramsFit }) => {
    const alone = ['core', 'readout', 'photons', 'link'].map((name) => rate(limits[name]));
    const memory = histogramsFit ? 'on chip' : 'external, not built';
    return `| ${lanes} | ${width} × ${height} | **${rate(framesPerSecond)}** | ${limitedBy} | ${alone.join(' | ')} | ${memory} |`;
  });
  const head =
    '| lanes | image | frames/s | limited by | core | read-out | photon events | link | histogram memory |';
  return [head, '|---:|---|---:|---|---:|---:|---:|---:|---|', ...rows].join('\n');
}

export function publishedSection([{ published }]) {
  const rows = published.map(({ system, figures }) => `| ${system} | ${figures} |`);
  return paragraphs(
    '### Beside the literature (published, not measured here)',
    ['| system | figures |', '|---|---|', ...rows].join('\n'),
    'The first is a camera that ran; the figures above are estimates for one that has not. The second compares two schedules of one design and gives no rate to stand beside. ' +
      'Photon events enter at one a cycle of the sensor clock, 100 Mphoton/s at 100 MHz.',
  );
}
