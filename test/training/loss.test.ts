import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import type { Batch } from '../../src/training/batches.js';
import { wantedOf } from '../../src/training/distillation.js';
import { seq2SeqLoss, type Wanted } from '../../src/training/loss.js';
import { OUTPUTS, standardErrorOf, targetOutputs, TARGETS } from '../../src/training/outputs.js';
import { startTensors } from '../../src/training/tensor-backend.js';

beforeAll(startTensors);

const GATES = 5;
const weights = { parameters: 0.3, sequence: 0.7 };

const numbers = (random: Random, length: number, low = -1, high = 1): Float32Array =>
  Float32Array.from({ length }, () => low + (high - low) * random.uniform());

interface Case {
  batch: Batch;
  wanted: Wanted;
  outputs: Float32Array;
  decays: Float32Array | null;
}

/** Standard errors of 0.2 to 0.4 beside errors up to 1: neither floor nor cap. */
function randomCase(random: Random, size: number, decoder: boolean): Case {
  const outputs = numbers(random, size * OUTPUTS, -0.5, 0.5);
  for (let example = 0; example < size; example++) {
    for (const at of standardErrorOf) outputs[example * OUTPUTS + at] = 0.2 + 0.2 * random.uniform();
  }
  return {
    batch: {
      x: new Float32Array(size * GATES),
      u: new Float32Array(size),
      targets: numbers(random, size * TARGETS, -0.5, 0.5),
      decays: numbers(random, size * GATES),
      weights: numbers(random, size, 0.2, 2),
    },
    wanted: { targets: numbers(random, size * TARGETS), decays: numbers(random, size * GATES) },
    outputs,
    decays: decoder ? numbers(random, size * GATES) : null,
  };
}

function lossOf({ batch, wanted, outputs, decays }: Case): number {
  return tf.tidy(() => {
    const predictions = {
      outputs: tf.tensor2d(outputs, [batch.u.length, OUTPUTS]),
      decays: decays && tf.tensor2d(decays, [decays.length, 1]),
    };
    return seq2SeqLoss(predictions, batch, wanted, weights).loss.dataSync()[0]!;
  });
}

/** Gradients as the optimizer sees them, through TF.js. */
function gradientsOf({ batch, wanted, outputs, decays }: Case): Float32Array[] {
  const given = [tf.tensor2d(outputs, [batch.u.length, OUTPUTS])];
  if (decays) given.push(tf.tensor2d(decays, [decays.length, 1]));
  const gradients = tf.grads((said: tf.Tensor, decoded?: tf.Tensor) => {
    const predictions = {
      outputs: said as tf.Tensor2D,
      decays: (decoded as tf.Tensor2D | undefined) ?? null,
    };
    return seq2SeqLoss(predictions, batch, wanted, weights).loss;
  })(given);
  return gradients.map((gradient) => gradient.dataSync() as Float32Array);
}

/** Slope of the loss where some numbers are moved together, by central differences. */
function slope(given: Case, step: number, move: (moved: Case, by: number) => void): number {
  const moved = (by: number): number => {
    const copy = structuredClone(given);
    move(copy, by);
    return lossOf(copy);
  };
  return (moved(step) - moved(-step)) / (2 * step);
}

const isStandardError = (at: number): boolean =>
  (standardErrorOf as readonly number[]).includes(at % OUTPUTS);

describe('the gradient of the loss', () => {
  it.each([true, false])('is its slope (decoder: %s)', (decoder) => {
    const given = randomCase(new Random(1), 4, decoder);
    const [ofOutputs, ofDecays] = gradientsOf(given);
    given.outputs.forEach((_, at) => {
      if (isStandardError(at)) return;
      const expected = slope(given, 0.02, (moved, by) => {
        moved.outputs[at]! += by;
        // The standard error is fitted to an error that is taken as given: let the truth move along.
        const [example, output] = [Math.floor(at / OUTPUTS), at % OUTPUTS];
        if (output < 2) moved.batch.targets[example * TARGETS + output]! += by;
      });
      expect(Math.abs(ofOutputs![at]! - expected), `output ${at}`).toBeLessThan(1e-4);
      expect(Math.abs(expected)).toBeGreaterThan(1e-3);
    });
    expect(ofDecays === undefined).toBe(!decoder);
    given.decays?.forEach((_, at) => {
      const expected = slope(given, 0.02, (moved, by) => (moved.decays![at]! += by));
      expect(Math.abs(ofDecays![at]! - expected), `decay ${at}`).toBeLessThan(1e-4);
    });
  });

  it('is its slope for the standard errors', () => {
    const given = randomCase(new Random(2), 4, false);
    // Nothing else in the sum: what is left is small enough for float32 to tell differences of.
    targetOutputs.forEach((output, target) => {
      for (let example = 0; example < 4; example++) {
        given.wanted.targets[example * TARGETS + target] = given.outputs[example * OUTPUTS + output]!;
      }
    });
    const [gradient] = gradientsOf(given);
    const steepest = Math.max(...gradient!.map(Math.abs));
    given.outputs.forEach((_, at) => {
      if (!isStandardError(at)) return expect(gradient![at]).toBe(0);
      const expected = slope(given, 0.005, (moved, by) => (moved.outputs[at]! += by));
      expect(Math.abs(gradient![at]! - expected) / steepest, `output ${at}`).toBeLessThan(0.01);
    });
  });

  it('is the steeper the more a pixel counts', () => {
    const given = randomCase(new Random(3), 1, true);
    const heavier = structuredClone(given);
    heavier.batch.weights[0]! *= 3;
    const [light, heavy] = [gradientsOf(given), gradientsOf(heavier)];
    light[0]!.forEach((value, at) => {
      expect(heavy[0]![at]! / value, `output ${at}`).toBeCloseTo(isStandardError(at) ? 1 : 3, 4);
    });
    light[1]!.forEach((value, at) => expect(heavy[1]![at]! / value).toBeCloseTo(3, 4));
  });
});

describe('the standard error', () => {
  /** Sum of the gradients of one common standard error for pixels that are off by these. */
  function pull(errors: number[], standardError: number, lifetime: 0 | 1): number {
    const size = errors.length;
    const given = randomCase(new Random(4), size, false);
    errors.forEach((error, example) => {
      given.outputs[example * OUTPUTS + standardErrorOf[lifetime]] = standardError;
      given.outputs[example * OUTPUTS + lifetime] = 0.5 + error;
      given.batch.targets[example * TARGETS + lifetime] = 0.5;
    });
    const [gradient] = gradientsOf(given);
    return errors.reduce(
      (sum, _, example) => sum + gradient![example * OUTPUTS + standardErrorOf[lifetime]]!,
      0,
    );
  }

  it.each([0, 1] as const)('is best at the root mean square of the errors (lifetime %i)', (lifetime) => {
    const random = new Random(5);
    const errors = Array.from({ length: 200 }, () => 0.1 * random.normal());
    const rms = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
    const scale = pull(errors, 2 * rms, lifetime);
    expect(scale).toBeGreaterThan(0);
    expect(Math.abs(pull(errors, rms, lifetime)) / scale).toBeLessThan(1e-3);
    expect(pull(errors, 1.02 * rms, lifetime)).toBeGreaterThan(0);
    expect(pull(errors, 0.98 * rms, lifetime)).toBeLessThan(0);
  });

  it('below 16 ps is drawn up, however small the error', () => {
    const least = 16 / 8192;
    for (const standardError of [0.9 * least, 0, -0.3]) {
      expect(pull([0], standardError, 0)).toBeLessThan(0);
      expect(pull([0], standardError, 0)).toBe(pull([0.5], standardError, 0));
    }
    expect(pull([0], 1.1 * least, 0)).toBeGreaterThan(0);
  });

  it('is pulled no harder by an error beyond √50 of it', () => {
    const [s, most] = [0.01, Math.sqrt(50)];
    expect(pull([20 * s], s, 0)).toBe(pull([1.01 * most * s], s, 0));
    expect(pull([0.9 * most * s], s, 0)).toBeGreaterThan(pull([1.01 * most * s], s, 0));
  });
});

describe('distillation', () => {
  const random = new Random(6);
  const { batch, wanted: labels } = randomCase(random, 3, true);

  it('wants the truth, the teacher, or what lies between, of outputs and decays apart', () => {
    expect(wantedOf({ ...batch, labels: null }, { outputs: 1, sequence: 1 })).toEqual({
      targets: batch.targets,
      decays: batch.decays,
    });
    const labelled = { ...batch, labels };
    expect(wantedOf(labelled, { outputs: 0, sequence: 1 }).targets).toEqual(batch.targets);
    const { targets, decays } = wantedOf(labelled, { outputs: 1, sequence: 0.25 });
    targets.forEach((value, at) => expect(value).toBeCloseTo(labels.targets[at]!, 6));
    decays.forEach((value, at) => {
      expect(value).toBeCloseTo(0.75 * batch.decays[at]! + 0.25 * labels.decays[at]!, 6);
    });
  });

  it('has the gradient of α (y − teacher)² + (1 − α)(y − truth)²', () => {
    const belief = { outputs: 0.9, sequence: 0.6 };
    const { outputs, decays } = randomCase(random, 3, true);
    const towards = (wanted: Wanted): Float32Array[] => gradientsOf({ batch, wanted, outputs, decays });
    const [blended, truth, teacher] = [
      towards(wantedOf({ ...batch, labels }, belief)),
      towards(batch),
      towards(labels),
    ];
    [belief.outputs, belief.sequence].forEach((alpha, part) => {
      blended[part]!.forEach((value, at) => {
        const expected = alpha * teacher[part]![at]! + (1 - alpha) * truth[part]![at]!;
        expect(Math.abs(value - expected)).toBeLessThan(1e-5);
      });
    });
  });
});
