import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { frameMessage, startMessage } from '../stream/sample-messages.js';
import { TestClient } from '../stream/stream-fixture.js';
import { ServerFixture } from './server-fixture.js';

let fixture: ServerFixture | null = null;
afterEach(async () => {
  await fixture?.close();
  fixture = null;
});

describe('the viewer', () => {
  it('is served with headers that fit its files', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'flimd-viewer-'));
    mkdirSync(path.join(directory, 'assets'));
    writeFileSync(path.join(directory, 'index.html'), '<!doctype html>viewer');
    writeFileSync(path.join(directory, 'assets', 'main-1a2b3c.js'), 'export {};');
    fixture = await ServerFixture.start({ 'server.token': 'correct-horse-battery' }, directory);
    // The page itself holds no secret; browsers cannot send a token with its address.
    const page = await fixture.ask('GET', '/?token=x');
    expect([page.status, page.body]).toEqual([200, '<!doctype html>viewer']);
    expect(page.headers['cache-control']).toBe('no-cache');
    expect(page.headers.etag).toBeTruthy();
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(page.headers['content-security-policy']).not.toContain('unsafe');
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    const script = await fixture.ask('GET', '/assets/main-1a2b3c.js');
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(script.headers['content-type']).toContain('javascript');
    const again = await fixture.ask('GET', '/', { 'if-none-match': page.headers.etag });
    expect(again.status).toBe(304);
    for (const outside of ['/../package.json', '/%2e%2e/x', '/assets/..%2f..%2fetc/passwd', '/none.html']) {
      const answer = await fixture.ask('GET', outside);
      expect([403, 404]).toContain(answer.status);
      expect(answer.errorCode()).toBe('FLIMD_E_REQUEST');
    }
    rmSync(directory, { recursive: true });
  });

  it('is asked for in plain words where it is not built', async () => {
    fixture = await ServerFixture.start();
    const page = await fixture.ask('GET', '/');
    expect(page.status).toBe(503);
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.body).toContain('npm run build:viewer');
  });
});

describe('a port that is taken', () => {
  async function occupant(answer: RequestListener): Promise<Server> {
    const server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }
  async function refusal(port: number): Promise<unknown> {
    return ServerFixture.start({ 'server.port': port }).then(
      () => null,
      (error: unknown) => error,
    );
  }

  it('names the flimd that has it', async () => {
    fixture = await ServerFixture.start();
    const { port } = fixture.server;
    expect(await refusal(port)).toMatchObject({
      code: 'FLIMD_E_PORT_IN_USE',
      message: `http://127.0.0.1:${port} is taken by flimd 0.1.0 with camera sim:, idle, up 13 s`,
      details: { value: port },
    });
  });

  it('knows a flimd that keeps to itself', async () => {
    fixture = await ServerFixture.start({ 'server.token': 'correct-horse-battery' });
    const error = await refusal(fixture.server.port);
    expect(error).toMatchObject({
      message: expect.stringContaining('another flimd, which asks for a token') as string,
    });
  });

  it.each<[string, RequestListener]>([
    ['HTML', (_, response) => response.end('<html>')],
    ['other JSON', (_, response) => response.end('{"version": 3, "status": "ok"}')],
    ['null', (_, response) => response.end('null')],
    ['nothing', (request) => request.socket.destroy()],
    ['too slowly', () => {}],
  ])('is another program’s where that answers %s, and that is not sent the token', async (_, answer) => {
    const seen: unknown[] = [];
    const server = await occupant((request, response) => {
      seen.push(request.headers.authorization);
      answer(request, response);
    });
    const { port } = server.address() as AddressInfo;
    expect(await refusal(port)).toMatchObject({
      code: 'FLIMD_E_PORT_IN_USE',
      message: `http://127.0.0.1:${port} is taken by another program`,
    });
    expect(seen).toEqual([undefined]);
    server.closeAllConnections();
    server.close();
  });
});

describe('the stream behind the server', () => {
  it('carries frames to a client', async () => {
    fixture = await ServerFixture.start();
    const client = await TestClient.connect(`ws://127.0.0.1:${fixture.server.port}/api/v1/stream`);
    fixture.stream.seriesStarted(startMessage());
    fixture.stream.publish(frameMessage(4));
    await client.settled();
    expect(client.of('frame')[0]!.frame).toBe(4);
  });

  it.each(['/', '/api/v1/streams', '/api/v1/status'])('is not at %s', async (address) => {
    fixture = await ServerFixture.start();
    const answer = await fixture.openStream(address);
    expect(answer).not.toBeInstanceOf(WebSocket);
    expect((answer as { status: number }).status).toBe(400);
  });
});

describe('closing', () => {
  it('ends idle, busy and streaming connections', async () => {
    const closing = await ServerFixture.start();
    const { port } = closing.server;
    const client = await TestClient.connect(`ws://127.0.0.1:${port}/api/v1/stream`);
    await fetch(`http://127.0.0.1:${port}/healthz`);
    const half = connect(port, '127.0.0.1');
    half.on('error', () => {});
    half.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n');
    await once(half, 'connect');
    await closing.close();
    await client.until(() => client.closed !== null);
    expect(client.closed!.code).toBe(1001);
    const late = connect(port, '127.0.0.1');
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });
});
