import { describe, expect, it } from 'vitest';
import { RunStateMachine, type RunEvent, type RunVerb } from '../../src/acquisition/run-state.js';
import { FlimdError } from '../../src/protocol/errors.js';
import type { RunState } from '../../src/protocol/stream.js';

type Step = RunVerb | RunEvent;
const eventNames: readonly string[] = ['initialized', 'deviceFinished', 'drained', 'linkLost', 'failed'];

const pathTo: Record<RunState, Step[]> = {
  disconnected: [],
  initializing: ['initialize'],
  idle: ['initialize', 'initialized'],
  armed: ['initialize', 'initialized', 'arm'],
  acquiring: ['initialize', 'initialized', 'arm', 'start'],
  draining: ['initialize', 'initialized', 'arm', 'start', 'stop'],
  error: ['initialize', 'failed'],
};

function machineIn(state: RunState): RunStateMachine {
  const machine = new RunStateMachine();
  for (const step of pathTo[state]) {
    if (eventNames.includes(step)) machine.happened(step as RunEvent, step);
    else machine.do(step as RunVerb, step);
  }
  expect(machine.state).toBe(state);
  return machine;
}

const allowed: Record<RunState, Partial<Record<RunVerb, RunState>>> = {
  disconnected: { initialize: 'initializing' },
  initializing: {},
  idle: { initialize: 'initializing', arm: 'armed' },
  armed: { start: 'acquiring', abort: 'idle', disarm: 'idle' },
  acquiring: { stop: 'draining', abort: 'idle' },
  draining: { abort: 'idle' },
  error: { initialize: 'initializing', disarm: 'idle' },
};
const verbs: RunVerb[] = ['initialize', 'arm', 'start', 'stop', 'abort', 'disarm'];
const states = Object.keys(allowed) as RunState[];

describe('RunStateMachine', () => {
  it.each(states.flatMap((state) => verbs.map((verb) => [state, verb] as const)))('%s: %s', (state, verb) => {
    const machine = machineIn(state);
    const before = machine.status;
    const next = allowed[state][verb];
    if (next) {
      machine.check(verb);
      machine.do(verb, 'asked');
      expect(machine.state).toBe(next);
      return;
    }
    expect(() => machine.check(verb)).toThrow(FlimdError);
    try {
      machine.do(verb, 'asked');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'FLIMD_E_STATE', details: { value: { state, verb } } });
      const { expected } = (error as FlimdError).details;
      for (const possible of verbs.filter((other) => other !== 'initialize')) {
        expect(expected!.includes(` ${possible}`), possible).toBe(possible in allowed[state]);
      }
      expect(expected).not.toContain('initialize');
    }
    expect(machine.status).toBe(before);
  });

  it('loses the link from every state that has one, and stays disconnected', () => {
    for (const state of states.filter((name) => name !== 'disconnected')) {
      const machine = machineIn(state);
      expect(machine.happened('linkLost', 'cable')).toBe(true);
      expect(machine.state).toBe('disconnected');
      expect(machine.happened('linkLost', 'again')).toBe(false);
      expect(machine.status.cause).toBe('cable');
    }
  });

  it('drains when the device has finished by itself, then is idle', () => {
    const machine = machineIn('acquiring');
    machine.happened('deviceFinished', 'frame limit reached');
    expect(machine.state).toBe('draining');
    machine.happened('drained', 'all packets arrived');
    expect(machine.state).toBe('idle');
  });

  it('says why there is no camera until there is one', () => {
    const machine = machineIn('idle');
    machine.happened('linkLost', 'cable', new FlimdError('FLIMD_E_LINK_LOST', 'cable'));
    machine.do('initialize', 'connecting');
    expect(machine.status).toMatchObject({ name: 'initializing', error: { code: 'FLIMD_E_LINK_LOST' } });
    machine.happened('initialized', 'camera found');
    expect(machine.status).toMatchObject({ name: 'idle', error: null });
  });

  it('ignores an event that comes too late', () => {
    const machine = machineIn('idle');
    expect(machine.happened('drained', 'late')).toBe(false);
    expect(machine.happened('deviceFinished', 'late')).toBe(false);
    expect(machine.status.cause).toBe('initialized');
  });

  it('keeps cause, time and error of the last transition and tells both sides of it', () => {
    let now = 100;
    const seen: string[] = [];
    const machine = new RunStateMachine(
      (after, before) => seen.push(`${before.name}→${after.name}: ${after.cause}`),
      () => now,
    );
    expect(machine.status).toMatchObject({ name: 'disconnected', since: 100, error: null });
    now = 200;
    machine.do('initialize', 'camera found');
    now = 300;
    machine.happened('failed', 'camera is too hot', new FlimdError('FLIMD_E_DEVICE', 'too hot'));
    expect(machine.status).toEqual({
      name: 'error',
      since: 300,
      cause: 'camera is too hot',
      error: { code: 'FLIMD_E_DEVICE', message: 'too hot' },
    });
    machine.do('disarm', 'operator');
    expect(machine.status.error).toBeNull();
    expect(seen).toEqual([
      'disconnected→initializing: camera found',
      'initializing→error: camera is too hot',
      'error→idle: operator',
    ]);
  });
});
