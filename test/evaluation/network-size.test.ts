import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decoderSize, livePathSize } from '../../src/evaluation/network-size.js';
import { networkOutputs } from '../../src/lifetime/integer-network.js';
import { writeModelPackage } from '../../src/lifetime/model-package.js';
import { Random } from '../../src/random/random.js';
import { Network } from '../../src/training/network.js';
import { evenGates } from '../../src/training/option-text.js';
import { startTensors } from '../../src/training/tensor-backend.js';
import { randomNetwork } from '../support/random-network.js';

const shape = (hidden: number, head: number, gates = 32, outputs = 7) => ({
  gates,
  hidden,
  head,
  outputs,
  decoder: true,
});

describe('the size of a network', () => {
  it.each([
    // Wh, Wx and Wu 3 × 32 × 34, W1 32 × 32, W2 7 × 32; biases 4 × 32 + 32 + 7.
    [32, 32, 3264 + 1024 + 224 + 167],
    // 3 × 8 × 10, 32 × 8, 7 × 32; 4 × 8 + 32 + 7.
    [8, 32, 240 + 256 + 224 + 71],
  ])('of %i units, head %i: parameters, bytes, multiplications', (hidden, head, parameters) => {
    const rows = 4 * hidden + head + 7;
    const weights = parameters - rows;
    // Every gate uses the encoder's weights once, the head is used once a pixel.
    const macsPerPixel = 32 * 3 * hidden * (hidden + 2) + head * hidden + 7 * head;
    const of = (precision: 16 | 8 | 4 | null) => livePathSize(shape(hidden, head), precision);
    expect(of(null)).toEqual({ parameters, bytes: 4 * parameters, macsPerPixel });
    // docs/fixed-point.md §6: a row has a shift of one byte and a bias of four.
    expect(of(8)).toEqual({ parameters, bytes: weights + 5 * rows, macsPerPixel });
    expect(of(16)).toEqual({ parameters, bytes: 2 * weights + 5 * rows, macsPerPixel });
    expect(of(4)).toEqual({ parameters, bytes: weights / 2 + 5 * rows, macsPerPixel });
  });

  it('is that of weights.bin', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'flimd-size-'));
    for (const [hidden, head] of [
      [32, 32],
      [12, 20],
    ] as const) {
      const network = randomNetwork(new Random(1), { gates: 32, hidden, head }, 'trained');
      await writeModelPackage(directory, {
        name: 'size',
        description: '',
        network,
        timing: { laserPeriodFs: 12_500_000, gatesFs: evenGates(32, 390.625, 0) },
        training: {},
        accuracy: { rows: [] },
      });
      const { size } = await stat(path.join(directory, 'weights.bin'));
      expect(livePathSize(shape(hidden, head, 32, networkOutputs.length), 8).bytes).toBe(size);
    }
    await rm(directory, { recursive: true });
  });

  it('is that of the trained variables, but for inputs that rows have no use for', async () => {
    await startTensors();
    const network = new Network(shape(8, 12), 1, new Random(1));
    const variables = network.variables.reduce((sum, { size }) => sum + size, 0);
    const { parameters } = livePathSize(network.shape, null);
    // nh has no input, nx no state: H × 2 and H × H columns in the encoder, H × H each in the decoder.
    const unused = 8 * 2 + 8 * 8 + 2 * 8 * 8;
    expect(parameters + decoderSize(network.shape, null).parameters).toBe(variables - unused);
    network.dispose();
  });

  it.each([
    // Field notes §1: encoder and decoder of 256 × 256 have about 593 k parameters, of 32 × 32 about 9.8 k.
    [256, 593_000, 0.005],
    [32, 9_800, 0.02],
  ])('of encoder and decoder %i × itself is about %i', (hidden, expected, tolerance) => {
    const { head, outputs } = shape(hidden, 1);
    const ofHead = head * hidden + outputs * head + head + outputs;
    const recurrent =
      livePathSize(shape(hidden, 1), null).parameters -
      ofHead +
      decoderSize(shape(hidden, 1), null).parameters;
    expect(Math.abs(recurrent / expected - 1)).toBeLessThan(tolerance);
  });

  it('of the decoder: the product of its constant input is computed once', () => {
    const { macsPerPixel, parameters, bytes } = decoderSize(shape(32, 32), 8);
    expect(macsPerPixel).toBe(32 * 3 * 1024 + 3 * 1024 + 32 * 32);
    expect(parameters).toBe(6 * 1024 + 32 + 4 * 32 + 1);
    expect(bytes).toBe(6 * 1024 + 32 + 5 * (4 * 32 + 1));
    // Field notes §2: 101 k for the encoder of 32 units, without the photon feature.
    const encoder = livePathSize(shape(32, 32), 8).macsPerPixel - 1024 - 224;
    expect(encoder - 32 * 3 * 32).toBe(101_376);
  });
});
