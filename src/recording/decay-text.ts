import { recordingError } from './recording-error.js';

/** A histogram over evenly spaced times, as a text file gives it. */
export interface TextDecay {
  /** Start of the first bin, ps. */
  startPs: number;
  binWidthPs: number;
  counts: Float64Array;
}

/** Fewer rows than this are no histogram. */
const LEAST_ROWS = 4;
/** More than the finest converters have. */
const MOST_ROWS = 1 << 20;
/** Times may be rounded by the program that wrote them, but a row may not be missing: steps within this of the mean. */
const STEP_TOLERANCE = 0.55;

const EXPECTED = 'two columns: time_ps (start of the bin) and counts';

/**
 * Two columns, start of the bin in ps and counts, separated by comma, semicolon, tab or spaces; empty lines and lines
 * that begin with # are passed over, and so is one line of headings.
 * @throws FlimdError FLIMD_E_RECORDING with the line and what was expected.
 */
export function parseDecayText(text: string): TextDecay {
  const rows = readRows(text);
  if (rows.length < LEAST_ROWS) {
    throw recordingError('there is no histogram in the file', {
      value: `${rows.length} rows`,
      expected: `${LEAST_ROWS} rows or more of ${EXPECTED}`,
    });
  }
  const binWidthPs = (rows.at(-1)!.timePs - rows[0]!.timePs) / (rows.length - 1);
  checkSteps(rows, binWidthPs);
  const counts = Float64Array.from(rows, ({ count }) => count);
  if (counts.every((count) => count === 0)) {
    throw recordingError('all counts are zero', { value: `${rows.length} rows`, expected: 'some light' });
  }
  return { startPs: rows[0]!.timePs, binWidthPs, counts };
}

interface Row {
  line: number;
  timePs: number;
  count: number;
}

function readRows(text: string): Row[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const rows: Row[] = [];
  let headings = 0;
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const fields = line.split(/\s*[,;\t]\s*|\s+/).filter((field) => field !== '');
    if (rows.length === 0 && headings === 0 && fields.every((field) => Number.isNaN(Number(field)))) {
      headings++;
      continue;
    }
    rows.push(readRow(fields, index + 1, line));
    if (rows.length > MOST_ROWS) {
      throw recordingError('the file has too many rows', { expected: `at most ${MOST_ROWS}` });
    }
  }
  return rows;
}

function readRow(fields: string[], line: number, raw: string): Row {
  const value = raw.length > 60 ? `${raw.slice(0, 60)}…` : raw;
  if (fields.length !== 2) {
    const columns = `${fields.length} column${fields.length === 1 ? '' : 's'}`;
    throw recordingError(`line ${line} has ${columns}`, { value, expected: EXPECTED });
  }
  const [timePs, count] = fields.map(Number) as [number, number];
  if (!Number.isFinite(timePs) || !Number.isFinite(count)) {
    throw recordingError(`line ${line} is not two numbers`, { value, expected: EXPECTED });
  }
  if (count < 0) {
    throw recordingError(`line ${line} has a negative count`, {
      value,
      expected: 'counts of 0 or more, as recorded',
      action: 'give the histogram before any background is taken off it; flimd does that itself',
    });
  }
  return { line, timePs, count };
}

function checkSteps(rows: readonly Row[], binWidthPs: number): void {
  for (let i = 1; i < rows.length; i++) {
    const step = rows[i]!.timePs - rows[i - 1]!.timePs;
    if (step <= 0) {
      throw recordingError(`the time of line ${rows[i]!.line} is not after the one before`, {
        value: `${rows[i - 1]!.timePs}, then ${rows[i]!.timePs}`,
        expected: 'ascending times',
      });
    }
    if (Math.abs(step - binWidthPs) > STEP_TOLERANCE * binWidthPs) {
      throw recordingError(`the times are not evenly spaced at line ${rows[i]!.line}`, {
        value: `a step of ${step} ps`,
        expected: `steps of about ${Number(binWidthPs.toPrecision(6))} ps, with empty bins written as 0`,
      });
    }
  }
}
