import { afterEach, describe, expect, it } from 'vitest';
import { ServerFixture } from './server-fixture.js';

const TOKEN = 'a-token-of-24-characters';
const changes = [
  ['PUT', '/api/v1/slow-control'],
  ['POST', '/api/v1/slow-control/bias-on'],
  ['POST', '/api/v1/slow-control/bias-off'],
  ['POST', '/api/v1/slow-control/acknowledge'],
] as const;

describe('who may use the slow control', () => {
  let fixture: ServerFixture;
  afterEach(() => fixture.close());

  it.each(changes)(
    '%s %s is refused to pages of other origins and without the token',
    async (method, path) => {
      fixture = await ServerFixture.start({ 'server.token': TOKEN });
      const authorization = `Bearer ${TOKEN}`;
      const foreign = await fixture.ask(method, path, { authorization, origin: 'https://evil.example' });
      expect([foreign.status, foreign.errorCode()]).toEqual([403, 'FLIMD_E_ORIGIN']);
      const without = await fixture.ask(method, path);
      expect([without.status, without.errorCode()]).toEqual([401, 'FLIMD_E_UNAUTHORIZED']);
      const allowed = await fixture.ask(method, path, { authorization });
      // Nothing is configured in this server; the request came as far as that.
      expect([allowed.status, allowed.errorCode()]).toEqual([409, 'FLIMD_E_CAPABILITY']);
    },
  );
});
