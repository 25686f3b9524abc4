import { describe, expect, it } from 'vitest';
import { Emitter } from '../../src/client/emitter.js';
import type { ClientEvents, ConnectionState, FlimdClient, LifetimeFrame } from '../../src/client/index.js';
import { readPlanes } from '../../src/client/planes.js';
import { Session } from '../../viewer/src/session.js';
import { daemonStatus, endMessage, frameMessage, startMessage } from '../stream/sample-messages.js';

/** The events of a client, without a connection. */
class ScriptedClient extends Emitter<ClientEvents> {
  connection: ConnectionState = { name: 'open' };
  /** What the daemon's clock is ahead, ms. */
  offsetMs = 0;

  daemonTime(at: number): number {
    return at + this.offsetMs;
  }

  say<Name extends keyof ClientEvents>(name: Name, value: ClientEvents[Name]): void {
    if (name === 'connection') this.connection = value as ConnectionState;
    this.emit(name, value);
  }

  status(series: number | null): void {
    const status = daemonStatus();
    const running = series === null ? null : { ...status.series!, id: series, uid: `uid-${series}` };
    this.say('status', {
      type: 'status',
      status: { ...status, series: running },
      client: { framesSent: 0, framesSkipped: 4, policy: 'latest' },
    });
  }
}

const size = { width: 4, height: 2 };

function frameAt(receivedAt: number, completedAt = receivedAt): LifetimeFrame {
  const message = { ...frameMessage(1, size), sentAt: 0, completedAt };
  return { ...message, planes: readPlanes(message, startMessage().planes), receivedAt };
}

function begin(): { client: ScriptedClient; session: Session; seriesBegun: () => number } {
  const client = new ScriptedClient();
  const session = new Session(client as unknown as FlimdClient);
  let begun = 0;
  session.onSeries(() => (begun += 1));
  client.say('start', startMessage(1, size));
  client.status(1);
  return { client, session, seriesBegun: () => begun };
}

describe('Session', () => {
  it('is live while frames come, and stale when they stop', () => {
    const { client, session } = begin();
    expect(session.liveness(0)).toBe('waiting');
    client.say('frame', frameAt(100));
    expect(session.liveness(200)).toBe('live');
    expect(session.liveness(1200)).toBe('stale');
  });

  it('is stale when frames come, but come late', () => {
    const { client, session } = begin();
    client.offsetMs = 50_000;
    client.say('frame', frameAt(9000, 58_500));
    expect(session.liveness(9100)).toBe('live');
    client.say('frame', frameAt(9200, 52_000));
    expect(session.liveness(9200)).toBe('stale');
    expect(session.ageMs(session.latest!, 9200)).toBe(7200);
  });

  it('drops the picture and the counts of the series before', () => {
    const { client, session, seriesBegun } = begin();
    client.say('frame', frameAt(100));
    client.say('start', startMessage(2, size));
    expect(session.latest).toBeNull();
    expect(seriesBegun()).toBe(2);
  });

  it('keeps the picture when the connection comes back within the same series', () => {
    const { client, session, seriesBegun } = begin();
    client.say('frame', frameAt(100));
    client.say('connection', { name: 'waiting', attempt: 1, retryAt: 0 });
    expect(session.liveness(150)).toBe('disconnected');
    expect(session.status).toBeNull();
    client.say('connection', { name: 'open' });
    client.say('start', startMessage(1, size));
    expect(session.latest).not.toBeNull();
    expect(seriesBegun()).toBe(1);
  });

  it('is stopped after the end, with the final counters', () => {
    const { client, session } = begin();
    client.say('frame', frameAt(100));
    client.say('end', endMessage(1));
    client.status(null);
    expect(session.liveness(150)).toBe('stopped');
    expect(session.counters?.framesPublished).toBe(endMessage().counters.framesPublished);
  });

  it('learns from the status that the series ended while it was away', () => {
    const { client, session } = begin();
    client.say('frame', frameAt(100));
    client.say('connection', { name: 'waiting', attempt: 1, retryAt: 0 });
    client.say('connection', { name: 'open' });
    client.status(null);
    expect(session.liveness(150)).toBe('stopped');
  });

  it('takes no end of another series for its own', () => {
    const { client, session } = begin();
    client.say('frame', frameAt(100));
    client.say('end', endMessage(7));
    expect(session.liveness(150)).toBe('live');
  });
});
