import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import { checkNetwork } from '../../src/lifetime/integer-network.js';
import { decodeOutputs, encode } from '../../src/lifetime/reference.js';
import { exportNetwork } from '../../src/training/export.js';
import { networkInputs } from '../../src/training/inputs.js';
import { createNativeGruEncoder } from '../../src/training/native.js';
import { Student } from '../../src/training/student.js';
import { startTensors } from '../../src/training/tensor-backend.js';

beforeAll(startTensors);

/**
 * The encoder agrees bit by bit; the head's sums are float32 in the training, so that a rounding there may fall on
 * the other side. docs/training.md states this figure.
 */
const TOLERANCE_PS = 2;

const settings = {
  minPhotons: 1,
  photonFeature: [-640, 1024] as const,
  lifetimeRangePs: [1, 0xffff] as const,
};

/** A student whose weights are spread as wide as training spreads them, or far wider. */
function scatteredStudent(hidden: number, gates: number, spread: number, random: Random): Student {
  const student = new Student(
    { hidden, head: 24, outputs: 2 },
    createNativeGruEncoder(hidden, gates, 2),
    random,
  );
  for (const { kernel, bias } of student.layers) {
    for (const variable of [kernel, bias]) {
      const values = (variable.dataSync() as Float32Array).map(
        (value) => value * spread * 2 * random.uniform(),
      );
      variable.assign(tf.tensor(values, variable.shape) as never);
    }
  }
  return student;
}

describe('the exported integer network', () => {
  it.each([0.5, 1, 4, 12])('has the outputs of the quantized student (weights spread × %f)', (spread) => {
    const gates = 20;
    for (const hidden of [8, 32]) {
      const random = new Random(31, hidden);
      const student = scatteredStudent(hidden, gates, spread, random);
      const network = exportNetwork(student, { ...settings, gates });
      checkNetwork(network);
      const pixels = 200;
      const x = new Float32Array(pixels * gates);
      const u = new Float32Array(pixels);
      const expected: number[] = [];
      for (let pixel = 0; pixel < pixels; pixel++) {
        const counts = Uint32Array.from({ length: gates }, () => Math.floor(2 ** (10 * random.uniform())));
        const photons = counts.reduce((sum, count) => sum + count, 0);
        u[pixel] = networkInputs(
          counts,
          photons,
          settings.photonFeature,
          x.subarray(pixel * gates, (pixel + 1) * gates),
        );
        expected.push(...decodeOutputs(network, encode(network, counts, photons)).slice(0, 2));
      }
      const outputs = tf.tidy(() => student.forward({ x, u }, true).dataSync());
      const found = Array.from(outputs, (value) => Math.min(Math.max(value * 8192, 0), 0xffff));
      const worst = Math.max(...found.map((ps, at) => Math.abs(ps - expected[at]!)));
      expect(worst).toBeLessThanOrEqual(TOLERANCE_PS);
      expect(new Set(expected).size).toBeGreaterThan(20);
      student.dispose();
    }
  });
});
