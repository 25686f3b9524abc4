import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BaseLogger } from 'pino';
import { errorBody, FlimdError, type ErrorCode } from '../protocol/errors.js';

/** HTTP status of an error; what is not listed is the daemon's own fault. */
const httpStatus: Partial<Record<ErrorCode, number>> = {
  FLIMD_E_REQUEST: 400,
  FLIMD_E_CONFIG: 400,
  FLIMD_E_LIMITS: 400,
  FLIMD_E_UNAUTHORIZED: 401,
  FLIMD_E_ORIGIN: 403,
  FLIMD_E_MODEL_NOT_FOUND: 404,
  FLIMD_E_STATE: 409,
  FLIMD_E_CAPABILITY: 409,
  FLIMD_E_DEVICE: 409,
  FLIMD_E_ALARM: 409,
  FLIMD_E_RECORDING_DIRECTORY: 409,
  FLIMD_E_RECORDING_EXISTS: 409,
  FLIMD_E_MODEL_BIN_WIDTH: 409,
  FLIMD_E_MODEL_GATES: 409,
  FLIMD_E_MODEL_LASER_PERIOD: 409,
  FLIMD_E_MODEL_HASH: 409,
  FLIMD_E_RATE_LIMIT: 429,
  FLIMD_E_LINK_REFUSED: 502,
  FLIMD_E_NOT_A_CAMERA: 502,
  FLIMD_E_LINK_OPEN: 503,
  FLIMD_E_LINK_LOST: 503,
  FLIMD_E_TOO_MANY_CLIENTS: 503,
  FLIMD_E_LINK_TIMEOUT: 504,
  FLIMD_E_RECORDING_DISK_FULL: 507,
};

export function httpStatusOf(error: FlimdError): number {
  return httpStatus[error.code] ?? 500;
}

/** Every error leaves as `{error: ErrorBody}`, also those of fastify itself and unknown addresses. */
export function answerErrors(app: FastifyInstance, log: BaseLogger): void {
  app.setErrorHandler((error: unknown, request, reply) => {
    const status = statusOf(error);
    if (status >= 500) log.error({ err: error, ...where(request) }, 'request failed');
    return answer(reply, status, status < 500 ? asRequestError(error) : error);
  });
  app.setNotFoundHandler((request, reply) =>
    answer(
      reply,
      404,
      new FlimdError('FLIMD_E_REQUEST', 'there is nothing at this address', {
        value: `${request.method} ${where(request).path}`,
        expected: 'an address of docs/api.md',
      }),
    ),
  );
}

/** Method and path, without the query, which may hold the token. */
export function where(request: FastifyRequest): { method: string; path: string } {
  return { method: request.method, path: request.url.split('?', 1)[0]! };
}

function answer(reply: FastifyReply, status: number, error: unknown): FastifyReply {
  if (status === 401) void reply.header('www-authenticate', 'Bearer realm="flimd"');
  return reply.code(status).send({ error: errorBody(error) });
}

function statusOf(error: unknown): number {
  if (error instanceof FlimdError) return httpStatusOf(error);
  // fastify: unparsable, too long or of another content type.
  const status = (error as { statusCode?: unknown }).statusCode;
  return typeof status === 'number' ? status : 500;
}

function asRequestError(error: unknown): FlimdError {
  if (error instanceof FlimdError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new FlimdError(
    'FLIMD_E_REQUEST',
    message,
    { expected: 'a request as in docs/api.md' },
    { cause: error },
  );
}
