import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import Fastify, { type FastifyInstance } from 'fastify';
import type { BaseLogger } from 'pino';
import type { Config } from '../config/index.js';
import { FlimdError } from '../protocol/errors.js';
import { STREAM_PATH } from '../protocol/stream.js';
import { refuseUpgrade, type StreamServer } from '../stream/index.js';
import { Access } from './access.js';
import { apiRoutes } from './api-routes.js';
import { answerErrors, httpStatusOf, where } from './error-answer.js';
import { httpUrl, listenAddress } from './listen-address.js';
import { portInUse } from './port-in-use.js';
import { RequestRate } from './request-rate.js';
import type { RunControls } from './run-controls.js';
import { securityHeaders, viewerFiles } from './viewer-files.js';

const REQUEST_TIMEOUT_MS = 10_000;
/** How long requests still under way may hold up the end, ms. */
const CLOSE_GRACE_MS = 2000;

export interface ServerOptions {
  config: Config;
  controller: RunControls;
  stream: StreamServer;
  log: BaseLogger;
  /** Directory of the built viewer; it need not exist. */
  viewerDir: string;
  version: string;
}

export interface RunningServer {
  /** Where a browser on this machine finds it. */
  url: string;
  port: number;
  /** Stops listening, says goodbye to the stream's clients, and resolves when every connection is gone. */
  close(): Promise<void>;
}

/**
 * Starts the REST interface, the stream and the viewer on one port.
 * Throws FLIMD_E_BIND_NEEDS_TOKEN, FLIMD_E_URI, FLIMD_E_PORT_IN_USE.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, stream } = options;
  const address = await listenAddress(config.server.host, config.server.token);
  const app = buildApp(options);
  await listen(app, address, config.server.port);
  const { port } = app.server.address() as AddressInfo;
  return {
    url: httpUrl(address, port),
    port,
    close: () => close(app, stream),
  };
}

async function close(app: FastifyInstance, stream: StreamServer): Promise<void> {
  const hangers = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS);
  // Together: the server is closed only when the last stream client has gone.
  await Promise.all([app.close(), stream.close()]);
  clearTimeout(hangers);
}

function buildApp(options: ServerOptions): FastifyInstance {
  const { config, controller, stream, log } = options;
  const access = new Access(config.server);
  const rate = new RequestRate(config.server.requestsPerSecond);
  const app = Fastify({ bodyLimit: config.server.maxBodyBytes, requestTimeout: REQUEST_TIMEOUT_MS });

  answerErrors(app, log);
  acceptJsonOrNothing(app);
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(securityHeaders);
    rate.check(request.ip);
    access.checkHost(request.raw);
    if (request.method !== 'GET' && request.method !== 'HEAD') access.checkOrigin(request.raw);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode, elapsedTime } = reply;
    log.debug({ ...where(request), status: statusCode, ms: elapsedTime, from: request.ip }, 'request');
  });

  app.get('/healthz', (_, reply) => {
    void reply.header('cache-control', 'no-store');
    return { ok: true, version: options.version, state: controller.status().state.name };
  });
  void app.register(
    async (api) => {
      api.addHook('onRequest', async (request, reply) => {
        void reply.header('cache-control', 'no-store');
        access.checkToken(request.raw);
      });
      apiRoutes(api, config, controller);
    },
    { prefix: '/api/v1' },
  );
  app.get('/metrics', async (request, reply) => {
    access.checkToken(request.raw);
    const { contentType, text } = await controller.metrics();
    return reply.header('cache-control', 'no-store').type(contentType).send(text);
  });
  viewerFiles(app, options.viewerDir);
  openStream(app, stream, access, rate);
  return app;
}

function openStream(app: FastifyInstance, stream: StreamServer, access: Access, rate: RequestRate): void {
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = streamRefusal(request, access, rate);
    if (refusal) refuseUpgrade(socket, httpStatusOf(refusal), refusal);
    else stream.handleUpgrade(request, socket, head);
  });
}

/** Why the request may not have the stream; null where it may. */
function streamRefusal(request: IncomingMessage, access: Access, rate: RequestRate): FlimdError | null {
  const [path, query] = (request.url ?? '').split('?', 2);
  try {
    rate.check(request.socket.remoteAddress ?? '');
    access.checkHost(request);
    access.checkOrigin(request);
    // Browsers cannot send headers with a WebSocket, so that `?token=` counts too.
    access.checkToken(request, new URLSearchParams(query).get('token'));
  } catch (error) {
    return error instanceof FlimdError ? error : new FlimdError('FLIMD_E_INTERNAL', String(error));
  }
  if (path === STREAM_PATH) return null;
  const details = { value: path, expected: STREAM_PATH };
  return new FlimdError('FLIMD_E_REQUEST', 'there is no stream at this address', details);
}

/** A verb needs no body; where there is one it is JSON, so that no form of another site can send it. */
function acceptJsonOrNothing(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => {
    try {
      done(null, body === '' ? undefined : JSON.parse(body as string));
    } catch {
      done(
        new FlimdError('FLIMD_E_REQUEST', 'the body is not JSON', { expected: 'a JSON object, or no body' }),
      );
    }
  });
}

async function listen(app: FastifyInstance, address: string, port: number): Promise<void> {
  try {
    await app.listen({ host: address, port });
  } catch (error) {
    await app.close();
    throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? await portInUse(address, port) : error;
  }
}
