import { describe, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import type { GatePlan } from '../../src/lifetime/gate-plan.js';
import type { IntegerNetwork } from '../../src/lifetime/integer-network.js';
import {
  ReferenceKernel,
  decodeOutputs,
  encode,
  gateCounts,
  inferLifetimes,
} from '../../src/lifetime/reference.js';
import { lifetimeMapNames } from '../../src/lifetime/lifetime-job.js';
import { floatLifetimes } from '../support/float-network.js';
import { randomNetwork } from '../support/random-network.js';

/** H = 4 with one live unit, D = 1: small enough to work out by hand. */
function handNetwork(): IntegerNetwork {
  const network: IntegerNetwork = {
    gates: 2,
    hidden: 4,
    head: 1,
    minPhotons: 10,
    photonFeature: [-640, 1024],
    lifetimeRangePs: [200, 5000],
    recurrentWeights: new Int8Array(48),
    inputWeights: new Int8Array(12),
    photonWeights: new Int8Array(12),
    headWeights: Int8Array.of(64, 0, 0, 0),
    outputWeights: Int8Array.of(32, 64, 2, -2),
    shifts: new Uint8Array(16).fill(1),
    headShifts: Uint8Array.of(9),
    outputShifts: Uint8Array.of(9, 9, 9, 9),
    biases: new Int32Array(16),
    headBiases: new Int32Array(1),
    outputBiases: new Int32Array(4),
  };
  network.inputWeights[8] = 8; // x → new, input part, unit 0
  network.recurrentWeights[32] = 64; // state → new, hidden part, unit 0
  network.photonWeights[0] = 4; // u → update gate, unit 0
  return network;
}

describe('the reference, by hand', () => {
  it('steps the encoder', () => {
    // N = 1024 in the two gates (256, 768): R = 2^21, x = 512 and floor(sqrt(786432)) = 886; u = 0, so z = 16384.
    // Gate 0: nx = (8·512 + 1) >> 1 = 2048, nh = 0; n = tanh(2048): b = 24575, mulhrs = 18431, 14335;
    // h = mulhrs(16383, 14335) = 7167.
    // Gate 1: d = (7167 + 128) >> 8 = 28, nh = (64·28 + 1) >> 1 = 896, r = 16384: mulhrs = 448;
    // nx = (8·886 + 1) >> 1 = 3544; n = tanh(3992): b = 16799, mulhrs = 8612, 24154;
    // h = mulhrs(16384, 7167) + mulhrs(16383, 24154) = 3584 + 12076.
    const network = handNetwork();
    expect(Array.from(encode(network, Uint32Array.of(256, 768), 1024))).toEqual([15660, 0, 0, 0]);
  });

  it('lets the photon feature into the gates', () => {
    // N = 2048: u = 128, z row: (4·128 + 1) >> 1 = 256, sigmoid(256): b = 32255, mulhrs = 31750, 16384 + 508 = 16892;
    // all photons in gate 0: x = 1024, n = tanh(4096) = 24575, h = mulhrs(15875, 24575) = 11906;
    // gate 1: x = 0, d = 47, nh = (3008 + 1) >> 1 = 1504, n = tanh(752): b = 29759, mulhrs = 27026, 5740;
    // h = mulhrs(16892, 11906) + mulhrs(15875, 5740) = 6138 + 2781.
    const network = handNetwork();
    expect(Array.from(encode(network, Uint32Array.of(2048, 0), 2048))).toEqual([8919, 0, 0, 0]);
  });

  it('decodes with the head', () => {
    // (64·15660 + 256) >> 9 = 1958, tanh: b = 24935, mulhrs = 18975, 13791; 32·13791 / 512 = 862, twice that 1724,
    // a sixteenth of it 54; a negative standard error is 1.
    expect(decodeOutputs(handNetwork(), Int16Array.of(15660, 0, 0, 0))).toEqual([862, 1724, 54, 1]);
  });

  it('clamps the outputs to 16 bits', () => {
    const network = handNetwork();
    network.outputBiases.set([-(1 << 29), 1 << 29, -(1 << 29), 1 << 29]);
    expect(decodeOutputs(network, new Int16Array(4))).toEqual([0, 65535, 1, 65535]);
  });
});

describe('validity', () => {
  const counts = Uint32Array.of(256, 768);

  it('needs the photons of the model, or more where the job asks for more', () => {
    const network = handNetwork();
    expect(inferLifetimes(network, counts, 0)).toEqual([862, 1724, 54, 1]);
    expect(inferLifetimes(network, counts, 1024)).toEqual([862, 1724, 54, 1]);
    expect(inferLifetimes(network, counts, 1025)).toBeNull();
    network.minPhotons = 1025;
    expect(inferLifetimes(network, counts, 0)).toBeNull();
    expect(inferLifetimes(network, new Uint32Array(2), 0)).toBeNull();
  });

  it('ends at 2^20 photons', () => {
    expect(inferLifetimes(handNetwork(), Uint32Array.of(1 << 18, 3 << 18), 0)).not.toBeNull();
    expect(inferLifetimes(handNetwork(), Uint32Array.of(1 << 18, (3 << 18) + 1), 0)).toBeNull();
  });

  it('does not look at the standard errors', () => {
    const network = handNetwork();
    network.lifetimeRangePs = [862, 1724];
    network.outputBiases.set([1 << 29, -(1 << 29)], 2);
    expect(inferLifetimes(network, counts, 0)).toEqual([862, 1724, 65535, 1]);
  });

  it('needs both lifetimes in the trained range', () => {
    const network = handNetwork();
    for (const [range, valid] of [
      [[862, 1724], true],
      [[863, 1724], false],
      [[862, 1723], false],
    ] as const) {
      network.lifetimeRangePs = range;
      expect(inferLifetimes(network, counts, 0) !== null).toBe(valid);
    }
  });
});

describe('a job', () => {
  // Bins 0 and 3 lie in no gate.
  const plan: GatePlan = { bins: 6, firstBin: Uint16Array.of(1, 4), endBin: Uint16Array.of(3, 6) };

  function runJob(rowsValid?: Uint8Array) {
    const histograms = Uint16Array.of(900, 100, 156, 900, 760, 8, 900, 2, 3, 900, 2, 2);
    const job = {
      histograms,
      pixels: 2,
      bins: 6,
      minPhotons: 1,
      lifetimeAmplitude: new Uint16Array(2).fill(7),
      lifetimeIntensity: new Uint16Array(2).fill(7),
      standardErrorAmplitude: new Uint16Array(2).fill(7),
      standardErrorIntensity: new Uint16Array(2).fill(7),
      photons: new Uint32Array(2).fill(7),
      ...(rowsValid ? { rowsValid, width: 1 } : {}),
    };
    new ReferenceKernel(handNetwork(), plan).computeSync(job);
    return lifetimeMapNames.map((name) => Array.from(job[name]));
  }

  it('sums the bins of each gate', () => {
    expect(Array.from(gateCounts(Uint16Array.of(900, 100, 156, 900, 760, 8), 0, plan))).toEqual([256, 768]);
  });

  it('reports the photons of an invalid pixel', () => {
    expect(runJob()).toEqual([
      [862, 0],
      [1724, 0],
      [54, 0],
      [1, 0],
      [1024, 9],
    ]);
  });

  it('leaves rows without data at zero', () => {
    expect(runJob(Uint8Array.of(0, 1))).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 9],
    ]);
  });

  it('refuses arrays that are too short', () => {
    const job = { histograms: new Uint16Array(5), pixels: 1, bins: 6, minPhotons: 1 };
    const planes = {
      lifetimeAmplitude: new Uint16Array(1),
      lifetimeIntensity: new Uint16Array(1),
      standardErrorAmplitude: new Uint16Array(1),
      standardErrorIntensity: new Uint16Array(1),
      photons: new Uint32Array(1),
    };
    expect(() => new ReferenceKernel(handNetwork(), plan).computeSync({ ...job, ...planes })).toThrow(
      'histograms',
    );
  });
});

describe('the integer network against the same network in real numbers', () => {
  /** Differences in units of the network's 1.0 (8192 ps), over random networks and decays. */
  it('agrees within 0.5 % at worst and 0.1 % on average, where lifetimes spread over more than 10 %', () => {
    const random = new Random(42);
    const errors: number[] = [];
    const outputs: number[] = [];
    for (let trial = 0; trial < 40; trial++) {
      const network = randomNetwork(random, { gates: 32, hidden: 32, head: 32 }, 'trained');
      const decay = Uint32Array.from(
        { length: 32 },
        (_, g) => 1 + random.below(4000 * Math.exp(-g / 8) + 20),
      );
      const integer = inferLifetimes(network, decay, 1)!;
      outputs.push(...integer);
      floatLifetimes(network, decay).forEach((ps, o) => errors.push(Math.abs(ps - integer[o]!) / 8192));
    }
    expect(Math.max(...errors)).toBeLessThan(0.005);
    expect(mean(errors)).toBeLessThan(0.001);
    expect(Math.sqrt(mean(outputs.map((ps) => (ps - mean(outputs)) ** 2))) / 8192).toBeGreaterThan(0.1);
  });
});

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
