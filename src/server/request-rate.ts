import { FlimdError } from '../protocol/errors.js';
import { TokenBucket } from '../stream/index.js';

/** Addresses remembered; beyond these the one longest unseen is forgotten. */
const MAX_ADDRESSES = 1024;

/** Bounds the requests per second of every client address. */
export class RequestRate {
  readonly #buckets = new Map<string, TokenBucket>();

  /** `perSecond` 0 is no bound. */
  constructor(private readonly perSecond: number) {}

  /** Throws FLIMD_E_RATE_LIMIT. */
  check(address: string): void {
    if (this.perSecond === 0 || this.#bucketOf(address).take()) return;
    throw new FlimdError('FLIMD_E_RATE_LIMIT', 'too many requests', {
      value: address,
      expected: `at most ${this.perSecond} per second (server.requestsPerSecond)`,
      action: 'use the stream for what changes often',
    });
  }

  #bucketOf(address: string): TokenBucket {
    const bucket = this.#buckets.get(address) ?? new TokenBucket(this.perSecond);
    // Moves it to the end: a Map keeps insertion order, so the first is the one longest unseen.
    this.#buckets.delete(address);
    this.#buckets.set(address, bucket);
    if (this.#buckets.size > MAX_ADDRESSES) this.#buckets.delete(this.#buckets.keys().next().value!);
    return bucket;
  }
}
