import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDevice } from '../../src/camera-sim/create-device.js';
import { FaultyOutlet } from '../../src/camera-sim/faulty-outlet.js';
import { noFaults } from '../../src/camera-sim/faults.js';
import { defaultSimOptions, type SimOptions } from '../../src/camera-sim/options.js';
import { ChunkedOutlet } from '../../src/camera-sim/packet-outlet.js';
import { Random } from '../../src/random/random.js';
import { planGates } from '../../src/lifetime/gate-plan.js';
import { loadModelPackage, writeModelPackage } from '../../src/lifetime/model-package.js';
import { ReferenceKernel } from '../../src/lifetime/reference.js';
import {
  DeviceCommand,
  DeviceOutput,
  PacketType,
  register,
  type RegisterName,
} from '../../src/protocol/index.js';
import { randomNetwork } from '../support/random-network.js';
import { equal, PacketCollector } from './host.js';

const gates = 16;
const timing = {
  laserPeriodFs: 12_500_000,
  gatesFs: Array.from({ length: gates }, (_, gate) => [gate * 781_250, (gate + 1) * 781_250] as const),
};
let model = '';
beforeAll(async () => {
  model = await mkdtemp(path.join(tmpdir(), 'flimd-'));
  const network = {
    ...randomNetwork(new Random(8), { gates, hidden: 8, head: 8 }, 'trained'),
    minPhotons: 20,
  };
  await writeModelPackage(model, {
    name: 'random',
    description: 'for tests',
    network,
    timing,
    training: {},
    accuracy: {},
  });
});
afterAll(() => rm(model, { recursive: true }));

const small: Partial<SimOptions> = { width: 24, height: 20, fps: 0, seed: 4, photons: 120 };

async function device(changes: Partial<SimOptions> = {}) {
  const port = await createDevice({ ...defaultSimOptions(), ...small, model, ...changes });
  const { registers } = port.camera;
  return {
    camera: port.camera,
    read: (name: RegisterName) => registers.read(register(name).address, register(name).words),
    write: (name: RegisterName, value: number) =>
      registers.write(register(name).address, Uint32Array.of(value)),
  };
}

/** Runs a series without any link but memory; with faults, through an injector. */
async function run(changes: Partial<SimOptions>, frames: number, minPhotons?: number) {
  const { camera, read, write } = await device(changes);
  const collector = new PacketCollector();
  const inner: ChunkedOutlet = new ChunkedOutlet(
    {
      transmit: (chunk, bytes) => {
        collector.push(new Uint8Array(chunk, 0, bytes));
        setImmediate(() => inner.recycle(chunk));
      },
    },
    1 << 24,
    1 << 20,
  );
  const faults = changes.faults ?? noFaults;
  const outlet = new FaultyOutlet(inner, { ...faults, seed: 6, stallMs: 2 }, () => {});
  camera.attachData(outlet);
  write('series', 1);
  write('frameLimit', frames);
  write('rowsPerPacket', 3);
  if (minPhotons !== undefined) write('minPhotons', minPhotons);
  write('command', DeviceCommand.arm);
  write('command', DeviceCommand.start);
  while (read('state')[0] !== 0) await new Promise((resolve) => setImmediate(resolve));
  // A stall may still hold chunks back.
  while (inner.room < inner.capacity) await new Promise((resolve) => setTimeout(resolve, 1));
  collector.finish();
  return {
    collector,
    ledger: outlet.ledger,
    packetsSent: read('packetsSent')[0]!,
    framesSent: read('framesSent')[0]!,
  };
}

describe('lifetimes of the virtual camera', () => {
  it.each([true, false])(
    'are what the reference makes of the histograms, standard errors: %s',
    async (standardErrors) => {
      const { collector } = await run({ standardErrors }, 2);
      const { network } = await loadModelPackage(model);
      const reference = new ReferenceKernel(
        network,
        planGates(timing, { bins: 64, binWidthPs: 195.3125, laserPeriodPs: 12_500 }),
      );
      const lifetimes = collector.ofType(PacketType.lifetimes);
      expect(lifetimes.length).toBe(14);
      let valid = 0;
      for (const packet of lifetimes) {
        const histograms = collector
          .ofType(PacketType.histograms)
          .find(({ frame, firstRow }) => frame === packet.frame && firstRow === packet.firstRow)!;
        const pixels = packet.rowCount * 24;
        const job = {
          histograms: new Uint16Array(histograms.payload.buffer),
          pixels,
          bins: 64,
          minPhotons: 20,
          lifetimeAmplitude: new Uint16Array(pixels),
          lifetimeIntensity: new Uint16Array(pixels),
          standardErrorAmplitude: new Uint16Array(pixels),
          standardErrorIntensity: new Uint16Array(pixels),
          photons: new Uint32Array(pixels),
        };
        reference.computeSync(job);
        const planes = [job.lifetimeAmplitude, job.lifetimeIntensity, job.photons];
        const errors = [job.standardErrorAmplitude, job.standardErrorIntensity];
        const sent = standardErrors ? [...planes, ...errors] : planes;
        const expected = Buffer.concat(sent.map((plane) => Buffer.from(plane.buffer)));
        expect(equal(packet.payload, expected)).toBe(true);
        expect(packet.planes).toBe(standardErrors ? 31 : 7);
        valid += job.lifetimeAmplitude.filter((tau) => tau > 0).length;
      }
      expect(valid).toBeGreaterThan(200);
    },
  );

  it('obey the minimum of photons that the host sets', async () => {
    const valid = async (minPhotons: number) => {
      const { collector } = await run({ outputs: 'lifetimes' }, 1, minPhotons);
      const planes = collector.ofType(PacketType.lifetimes).map(({ payload, rowCount }) => {
        const pixels = rowCount * 24;
        return {
          tau: new Uint16Array(payload.buffer, 0, pixels),
          photons: new Uint32Array(payload.buffer, 4 * pixels, pixels),
        };
      });
      const photonsOfValid = planes.flatMap(({ tau, photons }) => [...photons].filter((_, i) => tau[i]! > 0));
      return Math.min(...photonsOfValid);
    };
    expect(await valid(20)).toBeLessThan(80);
    expect(await valid(80)).toBeGreaterThanOrEqual(80);
  });

  it('come with the hash of the model and a bitstream of their own', async () => {
    const { read, write } = await device();
    const { hash } = await loadModelPackage(model);
    expect(Buffer.from(read('modelHash').buffer).toString('hex')).toBe(hash.slice(0, 16));
    expect(read('outputs')[0]).toBe(
      DeviceOutput.lifetimes | DeviceOutput.histograms | DeviceOutput.standardErrors,
    );
    expect(read('minPhotons')[0]).toBe(20);
    expect(() => write('minPhotons', 19)).toThrow('minPhotons is at least 20');
    const plain = await device({ outputs: 'histograms' });
    expect(plain.read('outputs')[0]).toBe(DeviceOutput.histograms);
    expect([...plain.read('modelHash')]).toEqual([0, 0]);
    expect(plain.read('bitstreamId')).not.toEqual(read('bitstreamId'));
    expect((await device()).read('bitstreamId')).toEqual(read('bitstreamId'));
  });

  it('have standard errors only with them, and only where the device offers these', async () => {
    const able = await device();
    expect(() => able.write('output', DeviceOutput.standardErrors | DeviceOutput.histograms)).toThrow(
      'standard errors come with lifetimes only',
    );
    const unable = await device({ standardErrors: false });
    expect(unable.read('outputs')[0]).toBe(DeviceOutput.lifetimes | DeviceOutput.histograms);
    expect(() => unable.write('output', DeviceOutput.lifetimes | DeviceOutput.standardErrors)).toThrow(
      'not possible',
    );
  });

  it('are not offered by a camera told to send histograms, though it has a model', async () => {
    const { read, write } = await device({ outputs: 'histograms' });
    expect(read('outputs')[0]).toBe(DeviceOutput.histograms);
    expect([...read('modelHash')]).toEqual([0, 0]);
    expect(() => write('output', DeviceOutput.lifetimes)).toThrow('this device has no network');
  });

  it('are refused where the model does not fit the detector', async () => {
    await expect(device({ bins: 60, binWidthPs: 195.3125 })).rejects.toMatchObject({
      code: 'FLIMD_E_MODEL_GATES',
    });
    await expect(device({ laserPeriodPs: 13_000 })).rejects.toMatchObject({
      code: 'FLIMD_E_MODEL_LASER_PERIOD',
    });
    // No shipped model is for a period of 90 ns.
    const odd = { laserPeriodPs: 90_000, model: null };
    await expect(device({ ...odd, outputs: 'lifetimes' })).rejects.toMatchObject({
      code: 'FLIMD_E_MODEL_NOT_FOUND',
    });
    const { read } = await device({ ...odd, outputs: 'both' });
    expect(read('outputs')[0]).toBe(DeviceOutput.histograms);
  });
});

describe('a bad link', () => {
  const faults = {
    ...noFaults,
    drop: 0.03,
    corrupt: 0.03,
    truncate: 0.03,
    duplicate: 0.03,
    reorder: 0.03,
    garbage: 0.03,
    stall: 0.002,
  };

  it('changes no bit of what arrives, and loses what the ledger says', async () => {
    const key = (packet: { type: number; frame: number; firstRow: number }) =>
      `${packet.type} ${packet.frame} ${packet.firstRow}`;
    const frames = 60;
    const sound = await run({}, frames);
    const contents = new Map(sound.collector.packets.map((packet) => [key(packet), packet.payload]));
    const { collector, ledger, packetsSent, framesSent } = await run({ faults }, frames);
    expect(framesSent).toBe(frames);
    expect(ledger.packets).toBe(packetsSent);
    expect(ledger.stalls).toBeGreaterThan(0);
    const data = collector.packets.filter(
      ({ type }) => type === PacketType.histograms || type === PacketType.lifetimes,
    );
    expect(data.filter((packet) => !equal(packet.payload, contents.get(key(packet))!))).toEqual([]);
    const distinct = new Set(collector.packets.map(({ sequence }) => sequence));
    expect(distinct.size).toBe(packetsSent - ledger.dropped - ledger.corrupted - ledger.truncated);
    expect(collector.packets.length - distinct.size).toBe(ledger.duplicated);
  });
});

describe('cached frames', () => {
  it('repeat the frames they were made of', async () => {
    const contents = async (changes: Partial<SimOptions>, frames: number) =>
      (await run(changes, frames)).collector
        .ofType(PacketType.histograms)
        .filter(({ firstRow }) => firstRow === 6)
        .map(({ payload }) => createHash('sha256').update(payload).digest('hex'));
    const plain = await contents({}, 3);
    const cached = await contents({ cacheFrames: 3 }, 8);
    expect(cached).toEqual([0, 1, 2, 0, 1, 2, 0, 1].map((frame) => plain[frame]));
  });

  it('are refused where they would fill the memory', async () => {
    await expect(device({ width: 512, height: 512, cacheFrames: 256 })).rejects.toMatchObject({
      code: 'FLIMD_E_CONFIG',
      details: { action: 'lower cacheFrames' },
    });
  });
});
