import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServerFixture } from './server-fixture.js';

const token = 'a-token-of-sixteen-characters';
const bearer = { authorization: `Bearer ${token}` };
const json = { ...bearer, 'content-type': 'application/json' };

let fixture: ServerFixture;
beforeEach(async () => (fixture = await ServerFixture.start({ 'server.token': token })));
afterEach(() => fixture.close());

describe('the routes of recordings', () => {
  it('tell the status and the files', async () => {
    const status = await fixture.ask('GET', '/api/v1/recording', bearer);
    expect(status.json()).toEqual(JSON.parse(JSON.stringify(fixture.controls.recording.status)));
    expect((await fixture.ask('GET', '/api/v1/recordings', bearer)).json()).toEqual({
      directory: fixture.controls.recording.status.directory,
      recordings: await fixture.controls.recording.list(),
    });
  });

  it('pass on what is asked', async () => {
    const body = { name: 'drop 1', notes: 'ä', histograms: true, frames: 5 };
    const started = await fixture.ask('POST', '/api/v1/recording/start', json, JSON.stringify(body));
    expect([started.status, Object.keys(started.json())]).toEqual([200, expect.arrayContaining(['current'])]);
    await fixture.ask('POST', '/api/v1/recording/start', bearer);
    await fixture.ask('POST', '/api/v1/recording/stop', bearer);
    expect(fixture.controls.asked).toEqual([
      `startRecording ${JSON.stringify(body)}`,
      'startRecording {}',
      'stopRecording',
    ]);
  });

  it.each([
    ['start', '{"name": ""}'],
    ['start', '{"name": 5}'],
    ['start', '{"frames": 0}'],
    ['start', '{"directory": "/"}'],
    ['stop', '{"name": "x"}'],
  ])('refuse recording/%s with %s', async (verb, body) => {
    const answer = await fixture.ask('POST', `/api/v1/recording/${verb}`, json, body);
    expect([answer.status, answer.errorCode()]).toEqual([400, 'FLIMD_E_REQUEST']);
    expect(fixture.controls.asked).toEqual([]);
  });

  it('are for those who may use the daemon, as all others', async () => {
    for (const [method, path] of [
      ['GET', 'recording'],
      ['GET', 'recordings'],
      ['POST', 'recording/start'],
      ['POST', 'recording/stop'],
    ] as const) {
      const stranger = await fixture.ask(method, `/api/v1/${path}`);
      expect([path, stranger.status, stranger.errorCode()]).toEqual([path, 401, 'FLIMD_E_UNAUTHORIZED']);
      if (method === 'GET') continue;
      const page = await fixture.ask(method, `/api/v1/${path}`, { ...bearer, origin: 'http://elsewhere' });
      expect([path, page.status, page.errorCode()]).toEqual([path, 403, 'FLIMD_E_ORIGIN']);
    }
    expect(fixture.controls.asked).toEqual([]);
  });
});
