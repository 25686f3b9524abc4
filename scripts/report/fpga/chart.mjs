// Pixels per second against lanes, a line per board, beside what the literature has on such a device.
import { GREY, colours, nominal } from '../render.mjs';

export function lanesChart(boards) {
  const values = boards.flatMap((board) =>
    board.perLanes.map(({ lanes, pixelsPerSecond, fits }) => ({
      board: `${board.board}, ${board.clockMHz} MHz`,
      lanes,
      rate: pixelsPerSecond,
      fits: fits ? 'fits' : 'does not fit',
    })),
  );
  const names = [...new Set(values.map(({ board }) => board))];
  const lanes = [...new Set(values.map((value) => value.lanes))].sort((a, b) => a - b);
  const [lin] = boards[0].published;
  const encoding = {
    x: {
      field: 'lanes',
      type: 'quantitative',
      scale: { type: 'log', base: 2, domain: [lanes[0], lanes.at(-1)] },
      axis: { values: lanes, format: 'd' },
      title: 'lanes (pixels in parallel)',
    },
    y: {
      field: 'rate',
      type: 'quantitative',
      scale: { type: 'log', domain: [5e3, 4e6], nice: false },
      axis: { values: [1e4, 3e4, 1e5, 3e5, 1e6, 3e6], format: ',d' },
      title: 'pixels per second (estimated)',
    },
  };
  const color = nominal('board', 'board', names, colours.slice(1, 1 + names.length));
  return {
    width: 460,
    height: 240,
    layer: [
      { data: { values }, mark: { type: 'line', strokeWidth: 2 }, encoding: { ...encoding, color } },
      {
        data: { values },
        mark: { type: 'point', filled: true, size: 70, opacity: 1 },
        encoding: {
          ...encoding,
          color,
          shape: nominal('fits', 'on the part', ['fits', 'does not fit'], ['circle', 'cross']),
        },
      },
      {
        data: { values: [{ rate: lin.pixelsPerSecond }] },
        mark: { type: 'rule', color: GREY, strokeDash: [5, 3] },
        encoding: { y: encoding.y },
      },
      {
        data: { values: [{ rate: lin.pixelsPerSecond, lanes: lanes[0] }] },
        mark: { type: 'text', align: 'left', dx: 6, dy: -7, color: GREY },
        encoding: { ...encoding, text: { value: 'Lin et al. 2024: 32 × 32, 10 frames/s (published)' } },
      },
    ],
  };
}
