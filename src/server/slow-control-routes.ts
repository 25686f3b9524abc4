import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { FlimdError } from '../protocol/errors.js';
import { I32_LEAST, I32_MOST, type SlowControlChange } from '../protocol/slow-control.js';
import type { SlowControlStatus } from '../protocol/stream.js';
import { TokenBucket } from '../stream/index.js';
import { checkedBody } from './checked-body.js';

const whole = z.int().min(I32_LEAST).max(I32_MOST).optional();
/** Body of `PUT /api/v1/slow-control`; the limits are the camera's. */
const setpointsSchema = z.strictObject({
  excessVoltageSetpointMv: whole,
  biasRampMvPerS: whole,
  coolerSetpointMc: whole,
  gateDelayPs: whole,
} satisfies Record<keyof SlowControlChange, unknown>);
const noOptions = z.strictObject({});

/** What the HTTP interface can ask of the slow control. */
export interface SlowControlControls {
  readonly status: SlowControlStatus;
  setSetpoints(wanted: z.output<typeof setpointsSchema>): Promise<void>;
  biasOn(): Promise<void>;
  biasOff(): Promise<void>;
  acknowledge(): Promise<void>;
}

/** The line carries some 50 requests a second, and the readings of the values come first. */
const CHANGES_PER_SECOND = 10;

export function slowControlRoutes(app: FastifyInstance, controls: SlowControlControls | null): void {
  const bucket = new TokenBucket(CHANGES_PER_SECOND);
  const present = (): SlowControlControls => {
    if (controls) return controls;
    throw new FlimdError('FLIMD_E_CAPABILITY', 'no slow control is configured', {
      action: 'set slowControl.port, or --slow-control',
    });
  };
  const change = async (act: (controls: SlowControlControls) => Promise<void>) => {
    await act(present());
    return present().status;
  };
  const check = (): void => {
    if (!bucket.take()) throw tooMany();
  };

  app.get('/slow-control', () => present().status);
  app.put('/slow-control', (request) =>
    change(async (to) => {
      check();
      await to.setSetpoints(checkedBody(request, setpointsSchema));
    }),
  );
  const actions = { 'bias-on': 'biasOn', 'bias-off': 'biasOff', acknowledge: 'acknowledge' } as const;
  for (const [path, verb] of Object.entries(actions)) {
    app.post(`/slow-control/${path}`, (request) =>
      change(async (to) => {
        checkedBody(request, noOptions);
        // The way to safety has no bound of its own.
        if (verb !== 'biasOff') check();
        await to[verb]();
      }),
    );
  }
}

function tooMany(): FlimdError {
  return new FlimdError('FLIMD_E_RATE_LIMIT', 'too many changes of the slow control', {
    expected: `at most ${CHANGES_PER_SECOND} a second`,
    action: 'wait a little; a ramp needs no repeated requests',
  });
}
