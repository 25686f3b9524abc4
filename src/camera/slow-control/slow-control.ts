import { FlimdError } from '../../protocol/errors.js';
import { BodyReader, bodyOf } from '../../protocol/slow-control-body.js';
import {
  type SlowControlLimits,
  type SlowControlSetpoint,
  type SlowControlValues,
  SlowControlCommand,
  type SlowControlCommandName,
  type SlowControlOperationName,
  SlowControlResult,
  slowControlChannelNamed,
  slowControlChannels,
  slowControlResultMeanings,
  slowControlSetpoints,
} from '../../protocol/slow-control.js';
import { type OpenBytes, type RequestCounters, type RequestLimits, RequestLine } from './request-line.js';

export interface SlowControlIdentity {
  /** The same as the camera's. */
  serial: string;
  firmware: string;
}

/** The slow control of a camera: its identity, its values, its set-points within their limits, its commands. */
export class SlowControl {
  private constructor(
    readonly path: string,
    private readonly line: RequestLine,
    readonly identity: SlowControlIdentity,
    readonly limits: SlowControlLimits,
  ) {}

  /**
   * Opens the line and asks who is there.
   * @param counters of earlier lines to the same port, to count on from there
   * @throws FlimdError of the port; FLIMD_E_LINK_TIMEOUT, FLIMD_E_NOT_A_CAMERA; nothing stays open then
   */
  static async open(
    path: string,
    open: OpenBytes,
    requests: RequestLimits,
    onLost: (error: FlimdError) => void,
    counters?: RequestCounters,
  ): Promise<SlowControl> {
    const line = await RequestLine.open(path, open, requests, onLost, counters);
    try {
      const identity = await readIdentity(line);
      return new SlowControl(path, line, identity, await readLimits(line));
    } catch (error) {
      await line.close();
      throw error;
    }
  }

  get counters(): RequestCounters {
    return this.line.counters;
  }

  /** Every channel, read in one request, so that they belong together. */
  async readAll(): Promise<SlowControlValues> {
    const ids = slowControlChannels.map(({ id }) => id);
    const answer = await ask(this.line, 'read', bodyOf(...ids));
    const values: Partial<SlowControlValues> = {};
    for (const { id, name } of slowControlChannels) {
      if (answer.u8() !== id) throw notUnderstood('read');
      values[name] = wanted(answer.i32(), 'read');
    }
    return values as SlowControlValues;
  }

  /** @throws FlimdError FLIMD_E_LIMITS before anything is sent; FLIMD_E_LINK_REFUSED, FLIMD_E_ALARM */
  async write(setpoint: SlowControlSetpoint, value: number): Promise<void> {
    this.check(setpoint, value);
    const { id } = slowControlChannelNamed(setpoint);
    const answer = await ask(this.line, 'write', bodyOf(id, { i32: value }));
    if (answer.u8() !== id || answer.i32() !== value) throw notUnderstood('write');
  }

  /** @throws FlimdError FLIMD_E_LIMITS */
  check(setpoint: SlowControlSetpoint, value: number): void {
    const [least, most] = this.limits[setpoint];
    if (Number.isInteger(value) && value >= least && value <= most) return;
    const { unit } = slowControlChannelNamed(setpoint);
    throw new FlimdError('FLIMD_E_LIMITS', `${setpoint} cannot be ${value} ${unit}`, {
      value,
      expected: `a whole number of ${unit}, ${least} to ${most}, as this camera says`,
      action: 'choose a value within the limits',
    });
  }

  async command(name: SlowControlCommandName): Promise<void> {
    await ask(this.line, 'command', bodyOf(SlowControlCommand[name]));
  }

  close(): Promise<void> {
    return this.line.close();
  }
}

async function readIdentity(line: RequestLine): Promise<SlowControlIdentity> {
  const answer = await ask(line, 'identify', bodyOf());
  return { serial: wanted(answer.text(), 'identify'), firmware: wanted(answer.text(), 'identify') };
}

async function readLimits(line: RequestLine): Promise<SlowControlLimits> {
  const limits: Partial<SlowControlLimits> = {};
  for (const setpoint of slowControlSetpoints) {
    const { id } = slowControlChannelNamed(setpoint);
    const answer = await ask(line, 'limits', bodyOf(id));
    if (answer.u8() !== id) throw notUnderstood('limits');
    limits[setpoint] = [wanted(answer.i32(), 'limits'), wanted(answer.i32(), 'limits')];
  }
  return limits as SlowControlLimits;
}

/** The answer behind its result. @throws FlimdError FLIMD_E_LINK_REFUSED, FLIMD_E_ALARM where it is not `ok` */
async function ask(
  line: RequestLine,
  operation: SlowControlOperationName,
  body: Uint8Array,
): Promise<BodyReader> {
  const answer = new BodyReader(await line.ask(operation, body));
  const result = wanted(answer.u8(), operation);
  if (result !== SlowControlResult.ok) throw refused(operation, result);
  return answer;
}

function refused(operation: SlowControlOperationName, result: number): FlimdError {
  const name = (Object.keys(SlowControlResult) as (keyof typeof SlowControlResult)[]).find(
    (each) => SlowControlResult[each] === result,
  );
  if (name === 'alarmLatched') {
    return new FlimdError('FLIMD_E_ALARM', 'the camera keeps the bias off: an alarm is latched', {
      action: 'remove the cause, then acknowledge the alarm',
    });
  }
  const why = name ? slowControlResultMeanings[name] : `result ${result}`;
  return new FlimdError('FLIMD_E_LINK_REFUSED', `the slow control refused to ${operation}: ${why}`, {
    value: name ?? result,
    action: 'see docs/slow-control.md; the firmware of the camera may be older than this flimd',
  });
}

function wanted<T>(value: T | null, operation: SlowControlOperationName): T {
  if (value !== null) return value;
  throw notUnderstood(operation);
}

/** Sound by its checksum, and yet not what the protocol says. */
function notUnderstood(operation: SlowControlOperationName): FlimdError {
  return new FlimdError(
    'FLIMD_E_NOT_A_CAMERA',
    `the slow control’s answer to ${operation} is not understood`,
    {
      expected: 'an answer as in docs/slow-control.md',
      action: 'is this the slow-control port of a flimd camera?',
    },
  );
}
