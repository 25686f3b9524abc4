import { shortHash } from '../../lifetime/model-library.js';
import type { CameraUnderTest } from '../camera-under-test.js';
import { type Check, finding, type Outcome } from '../check.js';

/** The network in the camera is one that the host has too: without it nobody can say what a lifetime must be. */
export const modelCheck: Check = {
  name: 'model',
  about: 'whose network it has',
  run: lookAtModel,
};

async function lookAtModel({ choice, description }: CameraUnderTest): Promise<Outcome> {
  const { judge, why } = choice;
  if (!judge && !choice.foreign) return { skipped: why };
  const { modelHash } = description;
  if (!judge) return { summary: why, figures: { modelHash }, findings: [finding(why)] };
  const { name, network } = judge.model;
  return {
    summary: `${name}, ${network.gates} gates, ${network.hidden} units; the host computes it with ${judge.kernel.simd}`,
    figures: { modelHash, model: name, packageHash: shortHash(judge.model), kernel: judge.kernel.simd },
    findings: [],
  };
}
