import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FlimdError } from '../../src/protocol/errors.js';
import { model } from '../stream/sample-messages.js';
import { ServerFixture } from './server-fixture.js';

let fixture: ServerFixture;
beforeEach(async () => {
  fixture = await ServerFixture.start({ 'server.maxBodyBytes': 1024 });
});
afterEach(() => fixture.close());

const json = { 'content-type': 'application/json' };

describe('the REST interface', () => {
  it('answers status, model, health and configuration, never to be cached', async () => {
    const status = await fixture.ask('GET', '/api/v1/status');
    expect(status.json()).toEqual(JSON.parse(JSON.stringify(fixture.controls.status())));
    expect(status.headers['cache-control']).toBe('no-store');
    expect((await fixture.ask('GET', '/api/v1/model')).json()).toEqual(model);
    expect((await fixture.ask('GET', '/healthz')).json()).toEqual({
      ok: true,
      version: '0.1.0',
      state: 'idle',
    });
    expect((await fixture.ask('GET', '/api/v1/config')).json()).toMatchObject({
      camera: 'sim:',
      server: { token: null },
    });
  });

  it('says so where there is no model', async () => {
    fixture.controls.loaded = null;
    const answer = await fixture.ask('GET', '/api/v1/model');
    expect([answer.status, answer.errorCode()]).toEqual([404, 'FLIMD_E_MODEL_NOT_FOUND']);
  });

  it('passes every verb on and answers the state it led to', async () => {
    const arm = await fixture.ask(
      'POST',
      '/api/v1/arm',
      json,
      '{"frameLimit": 10, "framePeriodUs": 50000, "minPhotons": 5}',
    );
    expect([arm.status, arm.json()]).toEqual([200, { state: 'armed' }]);
    expect((await fixture.ask('POST', '/api/v1/start')).json()).toEqual({ state: 'acquiring' });
    expect((await fixture.ask('POST', '/api/v1/stop', json)).json()).toEqual({ state: 'idle' });
    await fixture.ask('POST', '/api/v1/abort', json, '{}');
    await fixture.ask('POST', '/api/v1/disarm');
    await fixture.ask('POST', '/api/v1/arm');
    expect(fixture.controls.asked).toEqual([
      'arm {"frameLimit":10,"framePeriodUs":50000,"minPhotons":5}',
      'start',
      'stop',
      'abort',
      'disarm',
      'arm {}',
    ]);
  });

  it.each([
    ['FLIMD_E_STATE', 409],
    ['FLIMD_E_CAPABILITY', 409],
    ['FLIMD_E_MODEL_BIN_WIDTH', 409],
    ['FLIMD_E_LINK_TIMEOUT', 504],
    ['FLIMD_E_LINK_LOST', 503],
    ['FLIMD_E_INTERNAL', 500],
  ] as const)('answers a verb that fails with %s as HTTP %i and the whole error', async (code, status) => {
    const details = { value: 'acquiring', expected: 'armed', action: 'stop first' };
    fixture.controls.failure = new FlimdError(code, 'not now', details);
    const answer = await fixture.ask('POST', '/api/v1/start');
    expect(answer.status).toBe(status);
    expect(answer.json()).toEqual({ error: { code, message: 'not now', ...details } });
  });

  it('answers a defect as 500 and logs it', async () => {
    fixture.controls.failure = new TypeError('undefined is not a function');
    const answer = await fixture.ask('POST', '/api/v1/start');
    expect([answer.status, answer.errorCode()]).toEqual([500, 'FLIMD_E_INTERNAL']);
    expect(fixture.log.join()).toContain('undefined is not a function');
  });

  it.each([
    ['arm', '{"frameLimit": -1}', 400],
    ['arm', '{"frameLimit": 1.5}', 400],
    ['arm', '{"minPhotons": 0}', 400],
    ['arm', '{"frames": 3}', 400],
    ['arm', '[]', 400],
    ['arm', 'null', 200],
    ['arm', '{"frameLimit":', 400],
    ['start', '{"now": true}', 400],
    ['arm', `{"pad": "${'x'.repeat(2000)}"}`, 413],
  ])('POST %s with the body %s', async (verb, body, status) => {
    const answer = await fixture.ask('POST', `/api/v1/${verb}`, json, body);
    expect(answer.status).toBe(status);
    if (status !== 200) expect(answer.errorCode()).toBe('FLIMD_E_REQUEST');
    expect(fixture.controls.asked.length).toBe(status === 200 ? 1 : 0);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'refuses a body of type %s, as forms of other sites would send it',
    async (type) => {
      const answer = await fixture.ask('POST', '/api/v1/arm', { 'content-type': type }, '{}');
      expect([answer.status, answer.errorCode()]).toEqual([415, 'FLIMD_E_REQUEST']);
      expect(fixture.controls.asked).toEqual([]);
    },
  );

  it.each([
    ['GET', '/api/v1/none'],
    ['GET', '/api/v1/start'],
    ['POST', '/api/v1/status'],
    ['GET', '/../package.json'],
  ])('has nothing at %s %s', async (method, path) => {
    const answer = await fixture.ask(method, path);
    expect([answer.status, answer.errorCode()]).toEqual([404, 'FLIMD_E_REQUEST']);
  });
});
