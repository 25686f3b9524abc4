import { describe, expect, it } from 'vitest';
import { emptyRunCounters } from '../../src/acquisition/run-counters.js';
import { exposition, metricTable, type MetricsSnapshot } from '../../src/metrics/index.js';
import { slowControlChannels } from '../../src/protocol/slow-control.js';
import { RunTally } from '../../src/run/run-tally.js';
import { counters, daemonStatus } from '../stream/sample-messages.js';
import { lacksReader, Scrape } from './reader.js';

/** Base units, and what is counted in pieces. */
const ENDS =
  /_(seconds|bytes|volts|amperes|watts|celsius|hertz|volts_per_second|cycles|buffers|holds|state|error|alarm|info|connected|clients|(packets|frames|events)_\w+)$/;

const process = {
  residentBytes: 3e8,
  heapUsedBytes: 5e7,
  externalBytes: 1e8,
  cpuSeconds: 12.5,
  loopDelaySeconds: { p50: 0.0001, p99: 0.002, max: 0.03 },
};

function snapshot(status = daemonStatus()): MetricsSnapshot {
  const delivered = { frames: 7, photons: 2 ** 40 };
  return {
    status,
    totals: new RunTally().totals(
      { counters: { ...emptyRunCounters(), ...counters }, shadow: null },
      delivered,
    ),
    process,
  };
}

describe('the table of metrics', () => {
  it('has every name once, a sentence for each, and counters that say so', () => {
    const names = metricTable.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, type, help } of metricTable) {
      expect(name).toMatch(/^flimd_[a-z][a-z0-9_]*$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      expect(help, name).toMatch(/^[A-Z0-9].*\.$/);
      expect(help, name).not.toContain('..');
    }
  });

  it('says the unit of every gauge in its name', () => {
    const gauges = metricTable.filter(({ type }) => type === 'gauge');
    expect(gauges.map(({ name }) => name).filter((name) => !ENDS.test(name))).toEqual([]);
  });
});

describe.skipIf(lacksReader)('the exposition', () => {
  it('is read by a parser of another make, with the values of the status in base units', async () => {
    const { text, contentType } = await exposition(snapshot());
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    const scrape = new Scrape(text);
    expect(scrape.labelled('flimd_state')).toMatchObject({ acquiring: 1, idle: 0, error: 0 });
    expect(scrape.labelled('flimd_latency_seconds')).toEqual({ 0.5: 0.0035, 0.99: 0.009 });
    expect(scrape.value('flimd_run_packets_received')).toBe(counters.packetsReceived);
    expect(scrape.value('flimd_packets_received_total')).toBe(counters.packetsReceived);
    expect(scrape.value('flimd_photons_total')).toBe(2 ** 40);
    expect(scrape.value('flimd_slow_control_sensor_bias_volts')).toBe(23.1);
    expect(scrape.value('flimd_slow_control_sensor_temperature_celsius')).toBe(-5);
    expect(scrape.labelled('flimd_slow_control_alarm')).toMatchObject({ laserSyncLost: 1, interlock: 0 });
    expect(scrape.labelled('flimd_slow_control_bias_state')).toEqual({
      off: 0,
      rampingUp: 0,
      on: 1,
      rampingDown: 0,
    });
    expect(scrape.labelled('flimd_camera_error')).toEqual({ eventsLost: 1 });
    expect(scrape.labelled('flimd_recording_state')).toMatchObject({ recording: 1, none: 0 });
    expect(scrape.value('flimd_recording_frames_dropped')).toBe(1);
    expect(scrape.labelled('flimd_event_loop_delay_seconds')).toEqual({ 0.5: 0.0001, 0.99: 0.002, 1: 0.03 });
  });

  it('has every channel of the slow control, in its base unit', async () => {
    const status = daemonStatus();
    const one = Object.fromEntries(slowControlChannels.map(({ name }) => [name, 1500]));
    status.slowControl = { ...status.slowControl!, values: one, alarms: ['alarm31'] };
    const scrape = new Scrape((await exposition(snapshot(status))).text);
    const expected: Record<string, number> = {
      sensor_bias_volts: 1.5,
      excess_volts: 1.5,
      bias_current_amperes: 0.0015,
      sensor_temperature_celsius: 1.5,
      heatsink_temperature_celsius: 1.5,
      cooler_power_watts: 1.5,
      laser_sync_hertz: 1500,
      excess_setpoint_volts: 1.5,
      bias_ramp_volts_per_second: 1.5,
      cooler_setpoint_celsius: 1.5,
      gate_delay_seconds: 1.5e-9,
      host_timeout_seconds: 1.5,
    };
    // All channels but the state of the bias and the alarms, which have labels.
    expect(Object.keys(expected)).toHaveLength(slowControlChannels.length - 2);
    for (const [name, value] of Object.entries(expected))
      expect([name, scrape.value(`flimd_slow_control_${name}`)]).toEqual([name, value]);
    expect(scrape.labelled('flimd_slow_control_alarm')).toMatchObject({ alarm31: 1, interlock: 0 });
  });

  it('leaves out what is not known', async () => {
    const status = { ...daemonStatus(), camera: null, telemetry: null, latencyMs: null, slowControl: null };
    const { text } = await exposition({
      ...snapshot(status),
      process: { ...process, loopDelaySeconds: null },
    });
    const scrape = new Scrape(text);
    expect(scrape.value('flimd_camera_connected')).toBe(0);
    for (const name of ['camera_temperature_celsius', 'slow_control_connected', 'latency_seconds', 'error'])
      expect(text).not.toContain(`flimd_${name}`);
    expect(text).not.toContain('flimd_event_loop_delay');
  });

  it('keeps text of a camera that has quotes, backslashes and line breaks in it', async () => {
    const status = daemonStatus();
    status.camera = { ...status.camera!, serial: 'a"b\\c\nd' };
    const { text } = await exposition(snapshot(status));
    expect(() => new Scrape(text)).not.toThrow();
  });
});
