import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Config, shownConfig } from '../config/index.js';
import { FlimdError } from '../protocol/errors.js';
import { checkedBody } from './checked-body.js';
import { recordingRoutes } from './recording-routes.js';
import { armOptionsSchema, type RunControls } from './run-controls.js';
import { slowControlRoutes } from './slow-control-routes.js';

const noOptions = z.strictObject({});

/** The REST interface below /api/v1; see docs/api.md. */
export function apiRoutes(app: FastifyInstance, config: Config, controls: RunControls): void {
  const state = () => ({ state: controls.status().state.name });

  app.get('/status', () => controls.status());
  app.get('/config', () => shownConfig(config));
  app.get('/model', () => {
    const model = controls.model();
    if (model) return model;
    throw new FlimdError('FLIMD_E_MODEL_NOT_FOUND', 'no model is loaded', {
      action: 'connect a camera, or name a model with --model',
    });
  });

  app.post('/arm', async (request) => {
    await controls.arm(checkedBody(request, armOptionsSchema));
    return state();
  });
  for (const verb of ['start', 'stop', 'abort', 'disarm'] as const) {
    app.post(`/${verb}`, async (request) => {
      checkedBody(request, noOptions);
      await controls[verb]();
      return state();
    });
  }
  recordingRoutes(app, controls.recording);
  slowControlRoutes(app, controls.slowControl ?? null);
}
