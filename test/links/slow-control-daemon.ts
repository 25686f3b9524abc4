import { onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config/index.js';
import { type Daemon, startDaemon } from '../../src/daemon.js';
import type { BiasState } from '../../src/protocol/slow-control.js';
import type { DaemonStatus, SlowControlStatus } from '../../src/protocol/stream.js';
import { until } from './serial-fixture.js';

const camera = 'sim:width=16&height=16&photons=50&fps=30';
/** Camera and daemon share one thread here, on a machine that may be busy: long enough for both. */
export const patience = { pollMs: 50, requestTimeoutMs: 250, retries: 4, hostTimeoutMs: 3000 };

/** A daemon with a virtual camera and the slow control at a port. */
export async function daemonWith(
  port: { path: string },
  slowControl: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): Promise<Daemon> {
  const keys = Object.entries({ port: port.path, ...patience, ...slowControl });
  const settings = {
    camera,
    'server.port': 0,
    'server.requestsPerSecond': 0,
    'log.level': 'silent',
    'reconnect.initialMs': 50,
    'acquisition.autoStart': false,
    ...Object.fromEntries(keys.map(([key, value]) => [`slowControl.${key}`, value])),
    ...more,
  };
  const overrides = Object.entries(settings).map(([key, value]) => ({ key, value, from: 'test' }));
  const daemon = await startDaemon(loadConfig({ directory: '/', overrides }));
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= daemon.close());
  onTestFinished(close);
  return { url: daemon.url, close };
}

export interface Answer {
  status: number;
  body: any;
}

export async function ask({ url }: Daemon, method: string, path: string, body?: object): Promise<Answer> {
  const headers = body ? { 'content-type': 'application/json' } : undefined;
  const answer = await fetch(`${url}/api/v1/${path}`, {
    method,
    headers,
    body: body && JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

export const statusOf = async (daemon: Daemon) => (await ask(daemon, 'GET', 'status')).body as DaemonStatus;
export const slowControlOf = async (daemon: Daemon) =>
  (await ask(daemon, 'GET', 'slow-control')).body as SlowControlStatus;
export const biasIs = (daemon: Daemon, wanted: BiasState) =>
  until(
    () => slowControlOf(daemon),
    ({ bias }) => bias === wanted,
  );
