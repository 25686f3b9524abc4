import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RestClient } from '../../src/client/rest.js';
import { daemonStatus } from '../stream/sample-messages.js';

let server: Server;
let answer: { status: number; body: string };
let asked: IncomingMessage;
let rest: RestClient;

beforeEach(async () => {
  server = createServer((request, response) => {
    asked = request;
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
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
