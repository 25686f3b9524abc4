import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { loadConfig, type Config, type ConfigOverride } from '../../src/config/index.js';
import type { DaemonStatus, RunState } from '../../src/protocol/stream.js';
import {
  startServer,
  type ArmOptions,
  type RecordingControls,
  type RunControls,
  type RunningServer,
} from '../../src/server/index.js';
import { StreamServer } from '../../src/stream/index.js';
import { daemonStatus, model } from '../stream/sample-messages.js';

/** Notes what it is asked to do; the next verb fails with `failure` where that is set. */
export class NotingControls implements RunControls {
  readonly asked: string[] = [];
  failure: Error | null = null;
  loaded: typeof model | null = model;
  state: RunState = 'idle';

  readonly recording: RecordingControls = {
    status: daemonStatus().recording!,
    start: async (request) => this.#note(`startRecording ${JSON.stringify(request)}`, this.state),
    stop: async () => this.#note('stopRecording', this.state),
    list: async () => [{ name: 'a.h5', bytes: 5, modifiedAt: 1, complete: true }],
  };

  status(): DaemonStatus {
    return { ...daemonStatus(), state: { ...daemonStatus().state, name: this.state } };
  }
  model() {
    return this.loaded;
  }
  async metrics() {
    return { contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'flimd_uptime_seconds 3\n' };
  }
  async arm(options?: ArmOptions): Promise<void> {
    this.#note(`arm ${JSON.stringify(options)}`, 'armed');
  }
  async start(): Promise<void> {
    this.#note('start', 'acquiring');
  }
  async stop(): Promise<void> {
    this.#note('stop', 'idle');
  }
  async abort(): Promise<void> {
    this.#note('abort', 'idle');
  }
  async disarm(): Promise<void> {
    this.#note('disarm', 'idle');
  }

  #note(verb: string, state: RunState): void {
    if (this.failure) throw this.failure;
    this.asked.push(verb);
    this.state = state;
  }
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  json(): Record<string, unknown>;
  errorCode(): string;
}

/** The HTTP server with a real stream, on a free port. */
export class ServerFixture {
  readonly controls = new NotingControls();
  readonly log: string[] = [];
  server!: RunningServer;
  stream!: StreamServer;

  static config(settings: Record<string, unknown> = {}): Config {
    const overrides = Object.entries({ 'server.port': 0, 'log.level': 'debug', ...settings });
    return loadConfig({
      directory: '/',
      overrides: overrides.map(([key, value]): ConfigOverride => ({ key, value, from: 'test' })),
    });
  }

  static async start(settings: Record<string, unknown> = {}, viewerDir = '/nowhere'): Promise<ServerFixture> {
    const fixture = new ServerFixture();
    const config = ServerFixture.config(settings);
    const log = pino({ level: config.log.level }, { write: (line: string) => void fixture.log.push(line) });
    fixture.stream = new StreamServer({
      limits: config.stream,
      status: () => fixture.controls.status(),
      log,
    });
    const parts = { config, controller: fixture.controls, stream: fixture.stream, log, viewerDir };
    try {
      fixture.server = await startServer({ ...parts, version: '0.1.0' });
    } catch (error) {
      await fixture.stream.close();
      throw error;
    }
    return fixture;
  }

  /** A request with whatever headers, also those that fetch does not let one set. */
  ask(method: string, path: string, headers: OutgoingHttpHeaders = {}, body = ''): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { method, path, headers, host: '127.0.0.1', port: this.server.port, agent: false };
      const outgoing = request(options, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () => resolve(answerOf(response.statusCode ?? 0, response.headers, text)));
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  /** Opens the stream: the open socket, or the HTTP answer that refused it. */
  openStream(path = '/api/v1/stream', headers: OutgoingHttpHeaders = {}): Promise<WebSocket | Answer> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.server.port}${path}`, 'flimd.v1', {
      headers: headers as Record<string, string>,
    });
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(socket));
      socket.once('error', reject);
      socket.once('unexpected-response', (_, response) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () => resolve(answerOf(response.statusCode ?? 0, response.headers, text)));
      });
    });
  }

  async close(): Promise<void> {
    await this.server.close();
  }
}

function answerOf(status: number, headers: IncomingHttpHeaders, body: string): Answer {
  const json = () => JSON.parse(body) as Record<string, unknown>;
  return { status, headers, body, json, errorCode: () => (json().error as { code: string }).code };
}
