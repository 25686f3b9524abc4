import { errorBody, type ErrorBody, FlimdError } from '../protocol/errors.js';
import type { RunState } from '../protocol/stream.js';

/** What a user may ask for. */
export type RunVerb = 'initialize' | 'arm' | 'start' | 'stop' | 'abort' | 'disarm';

/** What happens without being asked for. */
export type RunEvent = 'initialized' | 'deviceFinished' | 'drained' | 'linkLost' | 'failed';

/** Which verb leads where; a verb that is not listed is refused. */
const verbs: Record<RunState, Partial<Record<RunVerb, RunState>>> = {
  disconnected: { initialize: 'initializing' },
  initializing: {},
  idle: { initialize: 'initializing', arm: 'armed' },
  armed: { start: 'acquiring', abort: 'idle', disarm: 'idle' },
  acquiring: { stop: 'draining', abort: 'idle' },
  draining: { abort: 'idle' },
  error: { initialize: 'initializing', disarm: 'idle' },
};

/** An event that is not listed for a state changes nothing there: it comes too late to matter. */
const events: Record<RunState, Partial<Record<RunEvent, RunState>>> = {
  disconnected: {},
  initializing: { initialized: 'idle', linkLost: 'disconnected', failed: 'error' },
  idle: { linkLost: 'disconnected', failed: 'error' },
  armed: { linkLost: 'disconnected', failed: 'error' },
  acquiring: { deviceFinished: 'draining', linkLost: 'disconnected', failed: 'error' },
  draining: { drained: 'idle', linkLost: 'disconnected', failed: 'error' },
  error: { linkLost: 'disconnected' },
};

export interface RunStatus {
  name: RunState;
  /** Unix time of the transition, ms. */
  since: number;
  /** What led here, in words. */
  cause: string;
  error: ErrorBody | null;
}

/** The run states and verbs of field notes §4. */
export class RunStateMachine {
  private current: RunStatus;

  constructor(
    private readonly changed: (now: RunStatus, before: RunStatus) => void = () => {},
    private readonly clock: () => number = Date.now,
  ) {
    this.current = { name: 'disconnected', since: clock(), cause: 'not connected yet', error: null };
  }

  get status(): Readonly<RunStatus> {
    return this.current;
  }

  get state(): RunState {
    return this.current.name;
  }

  /** What a user can ask for now; `initialize` is the daemon's own. */
  get allowedVerbs(): RunVerb[] {
    return (Object.keys(verbs[this.state]) as RunVerb[]).filter((verb) => verb !== 'initialize');
  }

  /** @throws FlimdError FLIMD_E_STATE where the verb is not possible now. */
  check(verb: RunVerb): void {
    this.afterVerb(verb);
  }

  /**
   * Until a camera that is being connected to is there, the reason why it was not stays.
   * @throws FlimdError FLIMD_E_STATE where the verb is not possible now; nothing has changed then.
   */
  do(verb: RunVerb, cause: string): void {
    this.enter(this.afterVerb(verb), cause, verb === 'initialize' ? this.current.error : null);
  }

  /** True where the event changed the state. */
  happened(event: RunEvent, cause: string, error?: unknown): boolean {
    const next = events[this.state][event];
    if (next) this.enter(next, cause, error === undefined ? null : errorBody(error));
    return next !== undefined;
  }

  private afterVerb(verb: RunVerb): RunState {
    const next = verbs[this.state][verb];
    if (next) return next;
    const allowed = this.allowedVerbs;
    throw new FlimdError('FLIMD_E_STATE', `cannot ${verb} while ${this.state} (${this.current.cause})`, {
      value: { state: this.state, verb },
      expected: allowed.length > 0 ? `one of: ${allowed.join(', ')}` : 'no verb in this state',
      action: allowed.length > 0 ? `${allowed.join(' or ')} first` : 'wait until the camera is idle',
    });
  }

  private enter(name: RunState, cause: string, error: ErrorBody | null): void {
    const before = this.current;
    this.current = { name, since: this.clock(), cause, error };
    this.changed(this.current, before);
  }
}
