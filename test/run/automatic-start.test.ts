import { pino } from 'pino';
import { expect, it } from 'vitest';
import { RunStateMachine } from '../../src/acquisition/run-state.js';
import { type ErrorBody, FlimdError } from '../../src/protocol/errors.js';
import { AutomaticStart } from '../../src/run/automatic-start.js';

const alarm = new FlimdError('FLIMD_E_ALARM', 'alarm', { action: 'acknowledge it' });
const noModel = new FlimdError('FLIMD_E_MODEL_NOT_FOUND', 'no model fits', { action: 'name one' });

/** A controller that arms where nothing stands in the way, and the slow control that may refuse. */
class Bench {
  readonly machine = new RunStateMachine(() => (this.error = null));
  error: ErrorBody | null = null;
  stopWanted = false;
  obstacle: FlimdError | null = null;
  /** Tries to arm. */
  tries = 0;
  /** Happens while it arms. */
  meanwhile: () => void = () => {};
  readonly slowControl = { refused: (error: unknown) => error === alarm, onReady: (): void => {} };
  readonly automatic = new AutomaticStart({
    controller: this,
    slowControl: this.slowControl,
    log: pino({ level: 'silent' }),
  });

  constructor(obstacle: FlimdError | null = null) {
    this.obstacle = obstacle;
    this.machine.do('initialize', 'test');
    this.machine.happened('initialized', 'test');
  }

  async arm(): Promise<void> {
    this.tries++;
    const { obstacle } = this;
    await Promise.resolve();
    this.meanwhile();
    if (obstacle) throw obstacle;
    this.machine.do('arm', 'test');
  }

  async start(): Promise<void> {
    this.machine.do('start', 'test');
  }

  async disarm(): Promise<void> {
    this.machine.do('disarm', 'test');
  }

  startRefused(error: ErrorBody): void {
    this.error = error;
  }

  /** The slow control becomes ready, and everything that follows has happened. */
  async ready(): Promise<void> {
    this.slowControl.onReady();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it('starts where nothing refuses', async () => {
  const bench = new Bench();
  await bench.automatic.attempt();
  expect([bench.machine.state, bench.error]).toEqual(['acquiring', null]);
});

it('tries again when the slow control becomes ready, once for each time', async () => {
  const bench = new Bench(alarm);
  await bench.automatic.attempt();
  expect([bench.machine.state, bench.tries]).toEqual(['idle', 1]);
  expect(bench.error).toMatchObject({
    code: 'FLIMD_E_ALARM',
    action: 'acknowledge it; the run then starts by itself, unless it is stopped',
  });
  await bench.ready();
  expect([bench.machine.state, bench.tries]).toEqual(['idle', 2]);
  bench.obstacle = null;
  await bench.ready();
  expect([bench.machine.state, bench.tries, bench.error]).toEqual(['acquiring', 3, null]);
  await bench.ready();
  expect(bench.tries).toBe(3);
});

it('does not miss that the slow control becomes ready while the refusal is on its way', async () => {
  const bench = new Bench(alarm);
  bench.meanwhile = () => {
    bench.meanwhile = () => {};
    bench.obstacle = null;
    bench.slowControl.onReady();
  };
  await bench.automatic.attempt();
  expect([bench.machine.state, bench.tries]).toEqual(['acquiring', 2]);
});

it('lets a refusal stand that has another reason', async () => {
  const bench = new Bench(noModel);
  await bench.automatic.attempt();
  expect(bench.error).toEqual(noModel.toJSON());
  bench.obstacle = null;
  await bench.ready();
  expect([bench.machine.state, bench.tries]).toEqual(['idle', 1]);
});

it('lets it be where an operator has stopped since', async () => {
  const bench = new Bench(alarm);
  await bench.automatic.attempt();
  bench.obstacle = null;
  bench.stopWanted = true;
  await bench.ready();
  expect([bench.machine.state, bench.tries]).toEqual(['idle', 1]);
});

it('disarms where an operator stops while the bias is on its way up', async () => {
  const bench = new Bench();
  bench.meanwhile = () => (bench.stopWanted = true);
  await bench.automatic.attempt();
  expect(bench.machine.state).toBe('idle');
});

it('lets it be after a run by hand, also when that has ended by itself', async () => {
  const bench = new Bench(alarm);
  await bench.automatic.attempt();
  bench.obstacle = null;
  bench.machine.do('arm', 'by hand');
  bench.machine.do('start', 'by hand');
  bench.machine.happened('deviceFinished', 'the series is complete');
  bench.machine.happened('drained', 'the series is complete');
  await bench.ready();
  expect([bench.machine.state, bench.tries]).toEqual(['idle', 1]);
});

it('lets it be when the daemon ends', async () => {
  const bench = new Bench(alarm);
  await bench.automatic.attempt();
  bench.automatic.forget();
  bench.obstacle = null;
  await bench.ready();
  expect(bench.tries).toBe(1);
});

it('starts on a camera that came while it was starting on the one before', async () => {
  const bench = new Bench(new FlimdError('FLIMD_E_LINK_LOST', 'the camera is not connected'));
  bench.meanwhile = () => {
    bench.meanwhile = () => {};
    bench.obstacle = null;
    void bench.automatic.attempt();
  };
  await bench.automatic.attempt();
  expect([bench.machine.state, bench.tries, bench.error]).toEqual(['acquiring', 2, null]);
});
