import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import type { Acquisition } from '../../src/acquisition/acquisition.js';
import { RunStateMachine } from '../../src/acquisition/run-state.js';
import type { Camera } from '../../src/camera/camera.js';
import { FlimdError } from '../../src/protocol/errors.js';
import type { CameraConnection } from '../../src/run/camera-connection.js';
import { CameraSupervisor } from '../../src/run/camera-supervisor.js';
import type { RunController } from '../../src/run/run-controller.js';
import { until } from '../links/serial-fixture.js';

/** A camera that always says that photons were lost. */
class LossyCamera {
  onInterrupt: () => Promise<void> = async () => {};
  onLost: (error: FlimdError) => void = () => {};
  readonly description = { uri: 'test:', serial: 'T' };

  async readDiagnostics() {
    return {
      sourceRevision: null,
      errors: ['eventsLost'],
      linkStallCycles: 0,
      eventsDropped: 3,
      eventsSaturated: 0,
    };
  }
}

interface LogLine {
  level: number;
  msg: string;
  errors?: string[];
}

/** A supervisor over such cameras, and a controller that only keeps the state. */
async function supervised(beforeOpening: () => void | Promise<void> = () => {}) {
  const closed: LossyCamera[] = [];
  const cameras: LossyCamera[] = [];
  const machine = new RunStateMachine();
  const controller = {
    machine,
    camera: null as LossyCamera | null,
    run: null as { series: { id: number } } | null,
    stopWanted: false,
    connected({ camera }: CameraConnection) {
      this.camera = camera as unknown as LossyCamera;
      machine.happened('initialized', 'test');
    },
    async lost(error: FlimdError) {
      this.camera = null;
      machine.happened('linkLost', error.message, error);
    },
  };
  const log: LogLine[] = [];
  const supervisor = new CameraSupervisor({
    open: async () => {
      await beforeOpening();
      const camera = new LossyCamera();
      cameras.push(camera);
      return { camera: camera as unknown as Camera, close: async () => void closed.push(camera) };
    },
    controller: controller as unknown as RunController,
    acquisition: new EventEmitter() as unknown as Acquisition,
    reconnect: { initialMs: 10, maxMs: 10, factor: 1 },
    autoStart: false,
    slowControl: null,
    log: pino({ level: 'warn' }, { write: (line: string) => void log.push(JSON.parse(line)) }),
  });
  onTestFinished(() => supervisor.close());
  await supervisor.connect();
  return {
    supervisor,
    cameras,
    closed,
    controller,
    machine,
    log,
    told: () => log.filter(({ errors }) => errors).length,
  };
}

it('knows nothing of what went wrong inside a camera that has just been opened', async () => {
  const { supervisor, cameras } = await supervised();
  expect(supervisor.diagnostics).toBeNull();
  await cameras[0]!.onInterrupt();
  expect(supervisor.diagnostics).toMatchObject({ errors: ['eventsLost'] });
  cameras[0]!.onLost(new FlimdError('FLIMD_E_LINK_LOST', 'unplugged'));
  await until(
    () => cameras.length,
    (opened) => opened === 2,
  );
  expect(supervisor.diagnostics).toBeNull();
});

it('tells of an error in every series in which it comes, once', async () => {
  const { cameras, controller, machine, told } = await supervised();
  const [camera] = cameras;
  for (const id of [1, 2]) {
    controller.run = { series: { id } };
    machine.do('arm', 'test');
    machine.do('start', 'test');
    await camera!.onInterrupt();
    await camera!.onInterrupt();
    expect(told()).toBe(id);
    machine.do('abort', 'test');
    controller.run = null;
    await camera!.onInterrupt();
    expect(told()).toBe(id);
  }
});

it('warns of a camera that cannot be reached once for each reason, however often it is tried', async () => {
  const reasons = ['no cable', 'no cable', 'no cable', 'no power', 'no power', null, 'no power'];
  let opened = 0;
  const { cameras, log } = await supervised(() => {
    const reason = reasons[opened++];
    if (reason) throw new FlimdError('FLIMD_E_LINK_OPEN', reason);
  });
  await until(
    () => cameras.length,
    (count) => count === 1,
  );
  const warnings = () => log.filter(({ msg }) => msg === 'the camera cannot be reached').length;
  expect(warnings()).toBe(2);
  cameras[0]!.onLost(new FlimdError('FLIMD_E_LINK_LOST', 'unplugged'));
  await until(
    () => cameras.length,
    (count) => count === 2,
  );
  expect([opened, warnings()]).toEqual([8, 3]);
});

/** A supervisor that is being closed while it connects again; `outcome` is what comes of that. */
async function closedWhileConnecting(outcome: Promise<void>) {
  let tries = 0;
  const parts = await supervised(() => (++tries === 1 ? undefined : outcome));
  parts.cameras[0]!.onLost(new FlimdError('FLIMD_E_LINK_LOST', 'unplugged'));
  await until(
    () => tries,
    (count) => count === 2,
  );
  return { ...parts, done: parts.supervisor.close() };
}

it('lets a camera go that is there only when everything is being closed', async () => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const { cameras, closed, controller, done } = await closedWhileConnecting(opened);
  open();
  await done;
  expect([closed, controller.camera]).toEqual([[cameras[1]], null]);
});

it('says nothing of a camera that cannot be reached while everything is being closed', async () => {
  let fail = (): void => {};
  const failed = new Promise<void>((_, reject) => {
    fail = () => reject(new FlimdError('FLIMD_E_STATE', 'closed'));
  });
  const { log, done } = await closedWhileConnecting(failed);
  fail();
  await done;
  expect(log).toEqual([]);
});
