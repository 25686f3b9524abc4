import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Config } from '../config/index.js';
import { FlimdError } from '../protocol/errors.js';
import { armOptionsSchema, type RunControls } from './run-controls.js';

const noOptions = z.strictObject({});

/** The REST interface below /api/v1; see docs/api.md. */
export function apiRoutes(app: FastifyInstance, config: Config, controls: RunControls): void {
  const state = () => ({ state: controls.status().state.name });

  app.get('/status', () => controls.status());
  app.get('/config', () => ({
    ...config,
    server: { ...config.server, token: config.server.token === null ? null : '(hidden)' },
  }));
  app.get('/model', () => {
    const model = controls.model();
    if (model) return model;
    throw new FlimdError('FLIMD_E_MODEL_NOT_FOUND', 'no model is loaded', {
      action: 'connect a camera, or name a model with --model',
    });
  });

  app.post('/arm', async (request) => {
    await controls.arm(body(request, armOptionsSchema));
    return state();
  });
  for (const verb of ['start', 'stop', 'abort', 'disarm'] as const) {
    app.post(`/${verb}`, async (request) => {
      body(request, noOptions);
      await controls[verb]();
      return state();
    });
  }
}

/** The checked body; none is as good as an empty one. Throws FLIMD_E_REQUEST. */
function body<T>(request: FastifyRequest, schema: z.ZodType<T>): T {
  const result = schema.safeParse(request.body ?? {});
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const at = issue.path.join('.');
  throw new FlimdError('FLIMD_E_REQUEST', `${at || 'the body'} is not valid: ${issue.message}`, {
    value: at ? (request.body as Record<string, unknown>)[at] : request.body,
    expected: expectation(schema),
    action: 'see docs/api.md',
  });
}

function expectation(schema: z.ZodType): string {
  const names = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  return names.length > 0 ? `a JSON object with, optionally, ${names.join(', ')}` : 'no body';
}
