import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { FlimdClient } from '../../src/client/index.js';
import { RestClient } from '../../src/client/rest.js';
import { daemonStatus, model } from '../stream/sample-messages.js';

let server: Server;
let answer: { status: number; body: string };
let asked: IncomingMessage;
let body: string;
let url: string;
let rest: RestClient;

beforeEach(async () => {
  server = createServer(async (request, response) => {
    asked = request;
    body = '';
    for await (const chunk of request) body += String(chunk);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  rest = new RestClient({ url, token: 'secret', timeoutMs: 5000 });
});

afterEach(() => void server.close());

const says = (status: number, body: unknown): void => {
  answer = { status, body: JSON.stringify(body) };
};

describe('RestClient', () => {
  it('asks for a verb and returns the state', async () => {
    says(200, { state: 'armed' });
    expect(await rest.verb('arm')).toBe('armed');
    expect([asked.method, asked.url, asked.headers.authorization]).toEqual([
      'POST',
      '/api/v1/arm',
      'Bearer secret',
    ]);
  });

  it('reads the status', async () => {
    says(200, daemonStatus());
    expect(await rest.status()).toEqual(daemonStatus());
  });

  it('throws a refusal as it came', async () => {
    const error = {
      code: 'FLIMD_E_STATE',
      message: 'no',
      value: 'acquiring',
      expected: 'idle',
      action: 'stop it',
    };
    says(409, { error });
    await expect(rest.verb('arm')).rejects.toMatchObject({
      code: 'FLIMD_E_STATE',
      details: { value: 'acquiring', expected: 'idle', action: 'stop it' },
    });
  });

  it.each([
    ['an error without a body', 502, ''],
    ['an answer that is not JSON', 200, '<html>'],
    ['a state that does not exist', 200, '{"state":"asleep"}'],
  ])('refuses %s', async (_, status, body) => {
    answer = { status, body };
    await expect(rest.verb('start')).rejects.toMatchObject({ code: 'FLIMD_E_REQUEST' });
  });

  it('says what to do where nobody answers', async () => {
    server.close();
    await once(server, 'close');
    await expect(rest.verb('stop')).rejects.toMatchObject({
      code: 'FLIMD_E_REQUEST',
      details: { action: expect.stringContaining('flimd serve') as string },
    });
  });
});

describe('FlimdClient', () => {
  let client: FlimdClient;
  beforeEach(() => {
    client = FlimdClient.connect({ url, token: 'secret', webSocket: WebSocket, reconnectInitialMs: 60_000 });
  });
  afterEach(() => client.close());

  /** Every method that asks over REST, and what a daemon answers. */
  const methods: [ask: () => Promise<unknown>, answer: unknown][] = [
    [() => client.status(), daemonStatus()],
    [() => client.model(), model],
    [() => client.config(), { camera: 'sim:' }],
    [() => client.arm(), { state: 'armed' }],
    [() => client.start(), { state: 'acquiring' }],
    [() => client.stop(), { state: 'idle' }],
    [() => client.abort(), { state: 'idle' }],
    [() => client.disarm(), { state: 'idle' }],
    [() => client.slowControl(), daemonStatus().slowControl],
    [() => client.setSetpoints({ gateDelayPs: 4000 }), daemonStatus().slowControl],
    [() => client.biasOn(), daemonStatus().slowControl],
    [() => client.biasOff(), daemonStatus().slowControl],
    [() => client.acknowledge(), daemonStatus().slowControl],
    [() => client.recording(), daemonStatus().recording],
    [() => client.startRecording({ frames: 5 }), daemonStatus().recording],
    [() => client.stopRecording(), daemonStatus().recording],
    [() => client.recordings(), { directory: '/data', recordings: [] }],
    [() => client.metrics(), 'flimd_uptime_seconds 3'],
    [() => client.health(), { ok: true, version: '0.1.0', state: 'idle' }],
  ];

  it('can ask for everything that docs/api.md lists', async () => {
    const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/api.md'), 'utf8');
    const listed = [...page.matchAll(/^\| `(GET|POST|PUT) (\/\S+)` \|/gm)].map(
      ([, verb, at]) => `${verb} ${at}`,
    );
    const reached: string[] = [];
    for (const [ask, answered] of methods) {
      says(200, answered);
      await ask();
      reached.push(`${asked.method} ${asked.url}`);
    }
    expect(listed.length).toBeGreaterThan(10);
    expect(reached.sort()).toEqual(listed.sort());
  });

  it('sends set-points and options as JSON, with the token, and gives back what is in force', async () => {
    says(200, daemonStatus().slowControl);
    const after = await client.setSetpoints({ coolerSetpointMc: -5000, gateDelayPs: 4000 });
    expect(after).toEqual(daemonStatus().slowControl);
    expect([asked.headers['content-type'], asked.headers.authorization]).toEqual([
      'application/json',
      'Bearer secret',
    ]);
    expect(JSON.parse(body)).toEqual({ coolerSetpointMc: -5000, gateDelayPs: 4000 });
    says(200, { state: 'armed' });
    await client.arm({ frameLimit: 100 });
    expect(JSON.parse(body)).toEqual({ frameLimit: 100 });
  });

  it('throws the refusal of the metrics too, and of a slow control that is not one', async () => {
    says(401, { error: { code: 'FLIMD_E_UNAUTHORIZED', message: 'a token is needed' } });
    await expect(client.metrics()).rejects.toMatchObject({ code: 'FLIMD_E_UNAUTHORIZED' });
    says(200, { port: '/dev/ttyUSB0' });
    await expect(client.slowControl()).rejects.toMatchObject({ code: 'FLIMD_E_REQUEST' });
  });
});
