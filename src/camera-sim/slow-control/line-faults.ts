import { FlimdError } from '../../protocol/errors.js';
import { type SlowControlAlarm, slowControlAlarms } from '../../protocol/slow-control.js';
import type { Random } from '../../random/random.js';

/** Probability per answer of each kind of trouble on the line. */
export interface LineFaults {
  /** Random bytes before it. */
  noise: number;
  /** It comes in pieces. */
  split: number;
  /** A byte of it is changed. */
  checksum: number;
  /** It does not come. */
  silence: number;
}

export interface SlowControlFaults extends LineFaults {
  /** What breaks, and when: ms after the start. */
  alarms: { alarm: SlowControlAlarm; atMs: number }[];
}

export const noLineFaults: LineFaults = { noise: 0, split: 0, checksum: 0, silence: 0 };
const MAX_NOISE_BYTES = 64;
const alarmNames = slowControlAlarms.map(({ name }) => name);
const EXPECTED = `noise:P, split:P, checksum:P, silence:P (probabilities, 0 to 1) and ALARM@MS (${alarmNames.join(', ')}), separated by commas`;

/**
 * `noise:0.1,silence:0.05,overTemperature@5000`
 * @throws FlimdError FLIMD_E_CONFIG
 */
export function parseSlowControlFaults(text: string): SlowControlFaults {
  const faults: SlowControlFaults = { ...noLineFaults, alarms: [] };
  for (const part of text.split(',').filter((each) => each !== '')) {
    const [, name, sign, amount] = /^(\w+)([:@])([\d.]+)$/.exec(part) ?? [];
    const value = Number(amount);
    const alarm = alarmNames.find((each) => each === name);
    if (sign === '@' && alarm && value >= 0) faults.alarms.push({ alarm, atMs: value });
    else if (sign === ':' && Object.hasOwn(noLineFaults, name ?? '') && value >= 0 && value <= 1) {
      faults[name as keyof LineFaults] = value;
    } else throw misunderstood(part);
  }
  return faults;
}

function misunderstood(part: string): FlimdError {
  return new FlimdError('FLIMD_E_CONFIG', 'the slow-control faults are not understood', {
    value: part,
    expected: EXPECTED,
    action: 'see docs/slow-control.md',
  });
}

/** What was done to the answers so far; `answers − silence − checksum` arrive sound. */
export interface LineLedger extends LineFaults {
  answers: number;
}

/** The pieces in which an answer leaves, in order; none where it is lost. */
export function spoiled(
  answer: Uint8Array,
  faults: LineFaults,
  random: Random,
  ledger: LineLedger,
): Uint8Array[] {
  const strikes = (fault: keyof LineFaults): boolean => {
    const struck = faults[fault] > 0 && random.uniform() < faults[fault];
    if (struck) ledger[fault]++;
    return struck;
  };
  ledger.answers++;
  if (strikes('silence')) return [];
  const sent = answer.slice();
  // Not the zeros around the frame: those are not in the checksum.
  if (strikes('checksum')) sent[1 + random.below(sent.length - 2)]! ^= 1 + random.below(255);
  const pieces = strikes('split') ? split(sent, random) : [sent];
  return strikes('noise') ? [noise(random), ...pieces] : pieces;
}

function split(bytes: Uint8Array, random: Random): Uint8Array[] {
  const at = 1 + random.below(bytes.length - 1);
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

function noise(random: Random): Uint8Array {
  return Uint8Array.from({ length: 1 + random.below(MAX_NOISE_BYTES) }, () => random.below(256));
}
