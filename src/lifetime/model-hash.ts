import { createHash } from 'node:crypto';
import type { ModelTiming } from './gate-plan.js';
import { type IntegerNetwork, networkOutputs, serializeWeights } from './integer-network.js';

/** Version of docs/fixed-point.md; a change that alters one bit of a result changes it. */
export const ARITHMETIC_VERSION = 2;

type Json = string | number | readonly Json[] | { readonly [key: string]: Json };

/** JSON with sorted keys and no spaces, so that equal values have equal bytes. */
function canonicalJson(value: Json): string {
  if (typeof value !== 'object') return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key]!)}`);
  return `{${members.join(',')}}`;
}

const isArray = (value: Json): value is readonly Json[] => Array.isArray(value);

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** All that decides a bit of the outputs, besides the weights; stands in `model.json` under these names. */
export function decidingFacts(network: IntegerNetwork, timing: ModelTiming) {
  const { gates, hidden, head, minPhotons, photonFeature, lifetimeRangePs } = network;
  return {
    arithmetic: ARITHMETIC_VERSION,
    gates,
    hidden,
    head,
    outputs: networkOutputs,
    minPhotons,
    photonFeature,
    lifetimeRangePs,
    timing: { laserPeriodFs: timing.laserPeriodFs, gatesFs: timing.gatesFs },
  };
}

/** The model hash (docs/fixed-point.md §6), 64 hex digits: of the deciding facts and the weights. */
export function packageHash(network: IntegerNetwork, timing: ModelTiming): string {
  const facts = canonicalJson(decidingFacts(network, timing));
  const hash = createHash('sha256').update(facts, 'utf8').update(Uint8Array.of(0));
  return hash.update(serializeWeights(network)).digest('hex');
}
