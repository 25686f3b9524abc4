import { afterEach, describe, expect, it } from 'vitest';
import type { DaemonStatus, RunCounters } from '../../src/protocol/stream.js';
import { serialPath, until } from '../links/serial-fixture.js';
import { fallen, lacksReader, Scrape } from '../metrics/reader.js';
import { connectClient, FlimdProcess, nextFrame, stopAll } from '../support/flimd-process.js';

afterEach(stopAll);

const scene = ['--width', '16', '--height', '16', '--photons', '50', '--fps', '30', '--faults', 'drop:0.05'];

const simAt = (tcpPort: string, pty: string): Promise<FlimdProcess> =>
  FlimdProcess.start(['sim', '--listen', `tcp:127.0.0.1:${tcpPort},pty:${pty}`, ...scene]);

async function scrape(url: string): Promise<Scrape> {
  const answer = await fetch(`${url}/metrics`);
  expect(answer.status).toBe(200);
  return new Scrape(await answer.text());
}

const statusOf = async (url: string) => (await (await fetch(`${url}/api/v1/status`)).json()) as DaemonStatus;
const post = async (url: string, verb: string) =>
  expect((await fetch(`${url}/api/v1/${verb}`, { method: 'POST' })).status).toBe(200);

/** Of a counter of runs: its gauge and its total. */
const middles: Partial<Record<keyof RunCounters, string>> = {
  packetsSent: 'packets_sent',
  packetsReceived: 'packets_received',
  packetsLost: 'packets_lost',
  bytesReceived: 'received_bytes',
  framesPublished: 'frames_published',
  framesPartial: 'frames_partial',
  framesMissing: 'frames_missing',
  framesTimedOut: 'frames_timed_out',
};

/** Nothing runs: what is scraped stands still, but for the readings and requests of the slow control. */
function expectStatus(scraped: Scrape, status: DaemonStatus, ended: RunCounters[]): void {
  expect(scraped.labelled('flimd_state')[status.state.name]).toBe(1);
  for (const [field, middle] of Object.entries(middles) as [keyof RunCounters, string][]) {
    expect([field, scraped.value(`flimd_run_${middle}`)]).toEqual([
      field,
      status.lastRun!.counters[field] ?? NaN,
    ]);
    const sum = ended.reduce((total, counters) => total + (counters[field] ?? 0), 0);
    expect([field, scraped.value(`flimd_${middle}_total`)]).toEqual([field, sum]);
  }
  const laws = status.lastRun!.conservation.map(({ law, holds }) => [law, holds ? 1 : 0]);
  expect(scraped.labelled('flimd_last_run_conservation_holds')).toEqual(Object.fromEntries(laws));
  const { framesSent, framesEncoded, framesSkipped } = status.stream;
  expect(scraped.value('flimd_stream_frames_sent_total')).toBe(framesSent);
  expect(scraped.value('flimd_stream_frames_encoded_total')).toBe(framesEncoded);
  expect(scraped.value('flimd_stream_frames_skipped_total')).toBe(framesSkipped);
  const { values, limits } = status.slowControl!;
  expect(limits).not.toBeNull();
  expect(scraped.value('flimd_slow_control_gate_delay_seconds')).toBe(values!['gateDelayPs']! / 1e12);
  expect(scraped.value('flimd_slow_control_excess_setpoint_volts')).toBe(3);
  expect(scraped.value('flimd_slow_control_laser_sync_hertz')).toBeCloseTo(values!['laserSyncHz']!, -3);
  const { temperatureC, biasV } = status.telemetry!;
  expect(scraped.value('flimd_camera_temperature_celsius')).toBe(temperatureC);
  // Nobody has brought it up.
  expect([scraped.value('flimd_camera_bias_volts'), biasV]).toEqual([0, 0]);
}

describe.skipIf(lacksReader)('GET /metrics of a daemon with camera and slow control', () => {
  it('agrees with the status, and counts on over series and reconnections', async () => {
    const pty = serialPath();
    let sim = await simAt('0', pty);
    const tcpPort = new URL(sim.ready.uri).port || sim.ready.uri.split(':').at(-1)!;
    const daemon = await FlimdProcess.start([
      'serve',
      ...['--port', '0', '--camera', sim.ready.uri, '--slow-control', pty, '--lifetime', 'shadow'],
      ...['--set', 'reconnect.initialMs=100', '--set', 'slowControl.retries=1'],
    ]);
    const { url } = daemon.ready;
    const client = connectClient(url);
    const ended: RunCounters[] = [];
    client.on('end', ({ counters }) => ended.push(counters));
    await nextFrame(client, ({ frame }) => frame > 40);

    // Live: each scrape lies between two readings of the status.
    const before = await statusOf(url);
    const live = await scrape(url);
    const after = await statusOf(url);
    const published = live.value('flimd_frames_published_total');
    expect(published).toBeGreaterThanOrEqual(before.series!.counters.framesPublished);
    expect(published).toBeLessThanOrEqual(after.series!.counters.framesPublished);
    expect(live.value('flimd_frame_rate_hertz')).toBeGreaterThan(0);
    expect(live.value('flimd_shadow_frames_total')).toBeGreaterThan(30);
    expect(live.value('flimd_shadow_mismatched_pixels_total')).toBe(0);
    expect(live.value('flimd_process_resident_memory_bytes')).toBeGreaterThan(2 ** 24);

    const first = client.once('end');
    await post(url, 'stop');
    await first;
    const stopped = await scrape(url);
    expect(fallen(live, stopped)).toEqual([]);
    expectStatus(stopped, await statusOf(url), ended);
    expect(stopped.value('flimd_packets_lost_total')).toBeGreaterThan(0);

    // Another series: the counters of the run begin again, the totals do not.
    const next = client.once('start');
    await post(url, 'arm');
    await post(url, 'start');
    await next;
    const begun = await scrape(url);
    expect(fallen(stopped, begun)).toEqual([]);
    expect(begun.value('flimd_run_frames_published')).toBeLessThan(
      stopped.value('flimd_run_frames_published'),
    );
    await nextFrame(client, ({ frame }) => frame > 10);

    // The camera goes, with its slow control, and comes back by itself.
    const lost = client.once('end');
    const again = client.once('start');
    await sim.stop('SIGKILL');
    expect((await lost).reason).toBe('linkLost');
    const gone = await scrape(url);
    expect(fallen(begun, gone)).toEqual([]);
    expect(gone.value('flimd_camera_connected')).toBe(0);
    sim = await simAt(tcpPort, pty);
    await again;
    await nextFrame(client, ({ frame }) => frame > 10);
    await until(
      () => statusOf(url),
      ({ slowControl }) => slowControl!.values !== null,
    );
    const third = client.once('end');
    await post(url, 'stop');
    await third;
    const back = await scrape(url);
    expect(fallen(gone, back)).toEqual([]);
    expectStatus(back, await statusOf(url), ended);
    expect(ended).toHaveLength(3);
    expect(back.labelled('flimd_runs_total')).toEqual({
      stopped: 2,
      completed: 0,
      aborted: 0,
      linkLost: 1,
      error: 0,
    });
    expect(back.value('flimd_camera_reconnects_total')).toBe(1);
    expect(back.value('flimd_camera_losses_total')).toBe(1);
    // A new line began at 0; what was counted before is still there.
    expect(back.value('flimd_slow_control_requests_total')).toBeGreaterThan(
      live.value('flimd_slow_control_requests_total'),
    );
    client.close();
    expect(await daemon.stop()).toBe(0);
    await sim.stop();
  });
});
