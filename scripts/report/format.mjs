// Numbers and lists as the report writes them.

const NONE = '–';
/** Changes smaller than this would be written as 0.0 %. */
export const SAME = 0.0005;

export function fixed(value, digits) {
  if (value === null || value === undefined) return NONE;
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

export const ns = (value) => fixed(value, 3);
export const whole = (value) => (value === null ? NONE : Math.round(value).toLocaleString('en-US'));
export const percent = (part, digits = 1) =>
  part === null || part === undefined ? NONE : `${fixed(part * 100, digits)} %`;

/** A relative change with its sign: +1.2 %, −0.4 %, 0.0 %. */
export function change(relative) {
  if (relative === null || relative === undefined) return NONE;
  return `${relative >= SAME ? '+' : ''}${fixed(relative * 100, 1)} %`;
}

/** "a, b and c". */
export function list(items, joint = 'and') {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${joint} ${items.at(-1)}`;
}

export const countedNoun = (count, noun) => `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;

/** "1.02 to 1.05", or one figure where both read alike. */
export function range(values, text) {
  const ends = [text(Math.min(...values)), text(Math.max(...values))];
  return ends[0] === ends[1] ? ends[0] : ends.join(' to ');
}

/** Which of the photon counts a sentence is about: "at every photon count", "at 50 and 100 photons". */
export function atCounts(counts, all) {
  if (counts.length === all.length) return 'at every photon count';
  return `at ${list(counts.map(whole))} photons`;
}

export const paragraphs = (...parts) => parts.filter(Boolean).join('\n\n');
export const bullets = (sentences) =>
  sentences
    .filter(Boolean)
    .map((sentence) => `- ${sentence}`)
    .join('\n');
