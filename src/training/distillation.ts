import type { Batch } from './batches.js';
import type { Wanted } from './loss.js';

/** What a teacher says of a batch; it replaces the truth in part or whole. */
export interface Labels {
  /** [batch][5], in the order of `targetOutputs` */
  targets: Float32Array;
  /** [batch][gates] */
  decays: Float32Array;
}

export type LabelledBatch = Batch & { labels: Labels | null };

/** How much a student believes its teacher: 0 the truth, 1 the teacher. */
export interface Belief {
  outputs: number;
  sequence: number;
}

/**
 * Distillation for squared errors (Hinton et al. 2015, §2; regression form of Ba & Caruana 2014): α (y − teacher)² +
 * (1 − α)(y − truth)² is, but for a constant, the squared error to the blend of both. The teacher's answer is near
 * the mean of what the counts leave possible, so that the student is spared the scatter of the truth around it.
 */
export function wantedOf({ targets, decays, labels }: LabelledBatch, belief: Belief): Wanted {
  if (labels === null) return { targets, decays };
  return {
    targets: blend(targets, labels.targets, belief.outputs),
    decays: blend(decays, labels.decays, belief.sequence),
  };
}

function blend(truth: Float32Array, label: Float32Array, belief: number): Float32Array {
  return truth.map((value, at) => value + belief * (label[at]! - value));
}
