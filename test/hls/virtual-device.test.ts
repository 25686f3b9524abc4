import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDevice } from '../../src/camera-sim/create-device.js';
import { defaultSimOptions, parseSimOptions, type SimOptions } from '../../src/camera-sim/options.js';
import { ChunkedOutlet } from '../../src/camera-sim/packet-outlet.js';
import { HlsCore } from '../../src/fpga/hls-core.js';
import { writeModelPackage } from '../../src/lifetime/model-package.js';
import { ReferenceKernel } from '../../src/lifetime/reference.js';
import { DeviceCommand, PacketType, register, type RegisterName } from '../../src/protocol/index.js';
import { Random } from '../../src/random/random.js';
import { emptyJob, evenPlan, randomHistograms } from '../support/random-histograms.js';
import { type NetworkStyle, randomNetwork } from '../support/random-network.js';
import { PacketCollector } from '../camera-sim/host.js';
import { HASH } from './core-program.js';

describe('the HLS core in the addon', () => {
  it.each([
    [{ hidden: 4, head: 2, gates: 3 }, 'trained', evenPlan(3, 5)],
    [{ hidden: 16, head: 16, gates: 16 }, 'legal', evenPlan(16, 16)],
    [{ hidden: 20, head: 33, gates: 64 }, 'trained', evenPlan(64, 1, 3, 70)],
    [{ hidden: 32, head: 32, gates: 32 }, 'extreme', evenPlan(32, 2)],
    [{ hidden: 64, head: 64, gates: 256 }, 'trained', evenPlan(256, 1)],
    [{ hidden: 60, head: 1, gates: 8 }, 'legal', evenPlan(8, 512)],
  ] as const)('gives the bits of the reference: %j %s', (shape, style: NetworkStyle, plan) => {
    const random = new Random(shape.hidden);
    const network = randomNetwork(random, shape, style, 'trained');
    const pixels = 35;
    const histograms = randomHistograms(random, pixels, plan.bins);
    const [found, expected] = [
      emptyJob(histograms, pixels, plan.bins),
      emptyJob(histograms, pixels, plan.bins),
    ];
    for (const minPhotons of [0, 700]) {
      new HlsCore(network, plan, HASH).computeSync({ ...found, minPhotons });
      new ReferenceKernel(network, plan).computeSync({ ...expected, minPhotons });
      expect(found).toEqual(expected);
      expect(expected.lifetimeAmplitude.some((tau) => tau > 0)).toBe(true);
    }
  });

  it('refuses a network out of its bounds', () => {
    const network = randomNetwork(new Random(1), { hidden: 4, head: 4, gates: 4 }, 'trained');
    expect(() => new HlsCore({ ...network, minPhotons: 0 }, evenPlan(4, 1), HASH)).toThrow('minPhotons');
  });

  it('refuses gates that are not those of the network', () => {
    const network = randomNetwork(new Random(1), { hidden: 4, head: 4, gates: 4 }, 'trained');
    for (const plan of [evenPlan(8, 1), evenPlan(3, 2)]) {
      let refused: unknown;
      try {
        new HlsCore(network, plan, HASH);
      } catch (error) {
        refused = error;
      }
      expect(refused).toMatchObject({
        code: 'FLIMD_E_MODEL_FILE',
        message: expect.stringContaining('the core refuses the model'),
      });
    }
  });
});

/** The lifetime packets of a series, as bytes. */
async function lifetimePackets(changes: Partial<SimOptions>): Promise<Buffer[]> {
  const { camera } = await createDevice({
    ...defaultSimOptions(),
    ...{ width: 21, height: 17, fps: 0, seed: 4, photons: 150 },
    ...changes,
  });
  const collector = new PacketCollector();
  const outlet: ChunkedOutlet = new ChunkedOutlet(
    {
      transmit: (chunk, bytes) => {
        collector.push(new Uint8Array(chunk, 0, bytes));
        setImmediate(() => outlet.recycle(chunk));
      },
    },
    1 << 24,
    1 << 20,
  );
  camera.attachData(outlet);
  const write = (name: RegisterName, value: number) =>
    camera.registers.write(register(name).address, Uint32Array.of(value));
  write('series', 1);
  write('frameLimit', 2);
  write('rowsPerPacket', 3);
  write('minPhotons', 60);
  write('command', DeviceCommand.arm);
  write('command', DeviceCommand.start);
  while (camera.registers.read(register('state').address, 1)[0] !== 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  collector.finish();
  return collector.ofType(PacketType.lifetimes).map(({ payload }) => Buffer.from(payload));
}

describe('a virtual camera with core=hls', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'flimd-hls-device-'));
    const gatesFs = Array.from({ length: 16 }, (_, gate) => [gate * 781_250, (gate + 1) * 781_250] as const);
    await writeModelPackage(directory, {
      ...{ name: 'random', description: 'for tests', training: {}, accuracy: {} },
      network: randomNetwork(new Random(3), { gates: 16, hidden: 24, head: 12 }, 'trained'),
      timing: { laserPeriodFs: 12_500_000, gatesFs },
    });
  });
  afterAll(() => rm(directory, { recursive: true }));

  it.each(['cells-12.5ns-32', 'cells-12.5ns-16', 'random'])(
    'sends the lifetimes of core=native: %s',
    async (name) => {
      const model = name === 'random' ? directory : name;
      const native = await lifetimePackets({ model, core: 'native' });
      const hls = await lifetimePackets({ model, core: 'hls' });
      expect(native.length).toBe(2 * 6);
      expect(hls).toEqual(native);
      expect(native.some((payload) => payload.subarray(0, 40).some((byte) => byte > 0))).toBe(true);
    },
  );

  it('is asked for with an option of two values', () => {
    expect(parseSimOptions({}).core).toBe('native');
    expect(parseSimOptions({ core: 'hls' }).core).toBe('hls');
    expect(() => parseSimOptions({ core: 'fpga' })).toThrow('core is not valid');
  });
});
