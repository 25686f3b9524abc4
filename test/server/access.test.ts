import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ServerFixture, type Answer } from './server-fixture.js';

const TOKEN = 'correct-horse-battery-staple';
const bearer = { authorization: `Bearer ${TOKEN}` };

let fixture: ServerFixture;
afterEach(() => fixture.close());

const port = () => fixture.server.port;

/** HTTP status and error code of a refused stream, or 101. */
async function streamOutcome(path?: string, headers?: Record<string, string>): Promise<[number, string?]> {
  const outcome = await fixture.openStream(path, headers);
  if (outcome instanceof WebSocket) return [101];
  return [outcome.status, outcome.errorCode()];
}

const outcome = (answer: Answer) => (answer.status === 200 ? [200] : [answer.status, answer.errorCode()]);

describe('the metrics', () => {
  it('need no token on loopback where none is set', async () => {
    fixture = await ServerFixture.start();
    const answer = await fixture.ask('GET', '/metrics');
    expect([answer.status, answer.headers['content-type']]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('need the token where one is set, and a name of the daemon', async () => {
    fixture = await ServerFixture.start({ 'server.token': TOKEN });
    expect(outcome(await fixture.ask('GET', '/metrics'))).toEqual([401, 'FLIMD_E_UNAUTHORIZED']);
    const wrong = { authorization: 'Bearer wrong' };
    expect(outcome(await fixture.ask('GET', '/metrics', wrong))).toEqual([401, 'FLIMD_E_UNAUTHORIZED']);
    // An address lands in logs: the token of the stream's query does not count here.
    expect(outcome(await fixture.ask('GET', `/metrics?token=${TOKEN}`))[0]).toBe(401);
    expect(outcome(await fixture.ask('GET', '/metrics', bearer))).toEqual([200]);
    const elsewhere = { ...bearer, host: 'evil.example' };
    expect(outcome(await fixture.ask('GET', '/metrics', elsewhere))).toEqual([403, 'FLIMD_E_ORIGIN']);
  });
});

describe('the Host header', () => {
  it('must be a name of this daemon, for everything it serves', async () => {
    fixture = await ServerFixture.start({ 'server.allowedOrigins': ['http://microscope:8650'] });
    const ask = async (host: string, path = '/api/v1/status') =>
      (await fixture.ask('GET', path, { host })).status;
    for (const host of [
      'localhost',
      'LOCALHOST:1',
      '127.0.0.1:8650',
      '[::1]:8650',
      'microscope',
      'microscope:8650',
    ]) {
      expect([host, await ask(host)]).toEqual([host, 200]);
    }
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'x@localhost',
      'a b',
    ]) {
      expect([host, await ask(host)]).toEqual([host, 403]);
    }
    expect(await ask('evil.example', '/healthz')).toBe(403);
    expect(await ask('evil.example', '/')).toBe(403);
    expect(await streamOutcome(undefined, { host: 'evil.example' })).toEqual([403, 'FLIMD_E_ORIGIN']);
  });

  it('may be the address the connection came to', async () => {
    const lan = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const address = lan.find((entry) => entry.family === 'IPv4' && !entry.internal)?.address;
    fixture = await ServerFixture.start({ 'server.host': '0.0.0.0', 'server.token': TOKEN });
    const status = async (host: string) => (await fetch(`http://${host}:${port()}/healthz`)).status;
    expect(await status('127.0.0.1')).toBe(200);
    if (address) expect(await status(address)).toBe(200);
    // The address of another interface than the one reached is a name like any other.
    expect((await fixture.ask('GET', '/healthz', { host: '192.0.2.7' })).status).toBe(403);
  });
});

describe('the Origin', () => {
  it('must be the daemon’s own or an allowed one for verbs and for the stream', async () => {
    fixture = await ServerFixture.start({ 'server.allowedOrigins': ['http://localhost:5173'] });
    const own = `http://127.0.0.1:${port()}`;
    for (const origin of [own, 'http://localhost:5173']) {
      expect(outcome(await fixture.ask('POST', '/api/v1/start', { origin }))).toEqual([200]);
      expect(await streamOutcome(undefined, { origin })).toEqual([101]);
    }
    for (const origin of ['http://evil.example', 'http://localhost:9999', 'http://127.0.0.1', 'null', '']) {
      expect(outcome(await fixture.ask('POST', '/api/v1/start', { origin }))).toEqual([
        403,
        'FLIMD_E_ORIGIN',
      ]);
      if (origin) expect(await streamOutcome(undefined, { origin })).toEqual([403, 'FLIMD_E_ORIGIN']);
    }
    expect(fixture.controls.asked).toEqual(['start', 'start']);
  });

  it('gets no permission to read answers across origins', async () => {
    fixture = await ServerFixture.start();
    const { headers } = await fixture.ask('GET', '/api/v1/status', { origin: 'http://evil.example' });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
  });
});

describe('the token', () => {
  it('is needed for every address of the interface, and for the stream', async () => {
    fixture = await ServerFixture.start({ 'server.token': TOKEN });
    for (const path of ['status', 'model', 'config']) {
      const refused = await fixture.ask('GET', `/api/v1/${path}`);
      expect(outcome(refused)).toEqual([401, 'FLIMD_E_UNAUTHORIZED']);
      expect(refused.headers['www-authenticate']).toContain('Bearer');
      expect(outcome(await fixture.ask('GET', `/api/v1/${path}`, bearer))).toEqual([200]);
    }
    expect(outcome(await fixture.ask('POST', '/api/v1/start'))).toEqual([401, 'FLIMD_E_UNAUTHORIZED']);
    expect(outcome(await fixture.ask('POST', '/api/v1/start', bearer))).toEqual([200]);
    expect(await streamOutcome()).toEqual([401, 'FLIMD_E_UNAUTHORIZED']);
    expect(await streamOutcome(undefined, bearer)).toEqual([101]);
    expect(await streamOutcome(`/api/v1/stream?token=${TOKEN}`)).toEqual([101]);
    expect(outcome(await fixture.ask('GET', '/healthz'))).toEqual([200]);
  });

  it.each(['Bearer ', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, `Basic ${TOKEN}`, TOKEN])(
    'is not %j',
    async (authorization) => {
      fixture = await ServerFixture.start({ 'server.token': TOKEN });
      expect((await fixture.ask('GET', '/api/v1/status', { authorization })).status).toBe(401);
    },
  );

  it('counts in the address of the stream only, and not where it is wrong', async () => {
    fixture = await ServerFixture.start({ 'server.token': TOKEN });
    expect((await fixture.ask('GET', `/api/v1/status?token=${TOKEN}`)).status).toBe(401);
    expect(await streamOutcome('/api/v1/stream?token=wrong')).toEqual([401, 'FLIMD_E_UNAUTHORIZED']);
  });

  it('is in no answer and in no line of the log', async () => {
    fixture = await ServerFixture.start({ 'server.token': TOKEN });
    const config = await fixture.ask('GET', `/api/v1/config?token=${TOKEN}`, bearer);
    expect(config.json()).toMatchObject({ server: { token: '(hidden)' } });
    await fixture.ask('GET', `/nothing?token=${TOKEN}`);
    await streamOutcome(`/api/v1/stream?token=${TOKEN}`);
    expect(fixture.log.length).toBeGreaterThan(2);
    expect(fixture.log.join() + config.body).not.toContain(TOKEN);
  });
});

describe('the address listened on', () => {
  it.each(['0.0.0.0', '::', '::ffff:0.0.0.0'])('%s needs a token', async (host) => {
    fixture = await ServerFixture.start();
    await expect(ServerFixture.start({ 'server.host': host })).rejects.toMatchObject({
      code: 'FLIMD_E_BIND_NEEDS_TOKEN',
      details: { value: host },
    });
  });

  it.each(['localhost', '127.0.0.1', '127.0.0.2', '::1'])('%s does not', async (host) => {
    fixture = await ServerFixture.start({ 'server.host': host });
    expect((await fetch(`${fixture.server.url}/healthz`)).status).toBe(200);
  });

  it('must exist', async () => {
    fixture = await ServerFixture.start();
    const unknown = ServerFixture.start({ 'server.host': 'no-such-host.invalid' });
    await expect(unknown).rejects.toMatchObject({ code: 'FLIMD_E_URI' });
  });
});

describe('the request rate', () => {
  it('is bounded for every address, the stream included', async () => {
    fixture = await ServerFixture.start({ 'server.requestsPerSecond': 5 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => fixture.ask('GET', '/healthz')));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]!.errorCode()).toBe('FLIMD_E_RATE_LIMIT');
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(5);
    const opened = await Promise.all(Array.from({ length: 20 }, () => streamOutcome()));
    expect(opened).toContainEqual([429, 'FLIMD_E_RATE_LIMIT']);
  });

  it('can be switched off', async () => {
    fixture = await ServerFixture.start({ 'server.requestsPerSecond': 0 });
    const answers = await Promise.all(Array.from({ length: 200 }, () => fixture.ask('GET', '/healthz')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});
