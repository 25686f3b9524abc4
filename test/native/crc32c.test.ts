import { describe, expect, it } from 'vitest';
import { Random } from '../../src/random/random.js';
import { nativeCrc32c } from '../../src/lifetime/native.js';
import { crc32c } from '../../src/protocol/crc32c.js';

describe('the native CRC-32C', () => {
  it('has the values of RFC 3720, appendix B.4', () => {
    const vectors: [Uint8Array, number][] = [
      [new Uint8Array(32), 0x8a9136aa],
      [new Uint8Array(32).fill(0xff), 0x62a8ab43],
      [Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
      [new TextEncoder().encode('123456789'), 0xe3069283],
    ];
    for (const [bytes, crc] of vectors) expect(nativeCrc32c(bytes)).toBe(crc);
  });

  it('equals the portable one for every length and start around its block sizes', () => {
    const random = new Random(7);
    const bytes = Uint8Array.from({ length: 20_000 }, () => random.below(256));
    const lengths = [...Array(800).keys(), 6143, 6144, 6145, 6528, 12_288, 19_990];
    for (const length of lengths) {
      const part = bytes.subarray(length % 9, (length % 9) + length);
      if (nativeCrc32c(part) !== crc32c(part)) expect.fail(`${length} bytes`);
    }
  });

  it('works on shared memory', () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(1000)).fill(3);
    expect(nativeCrc32c(bytes)).toBe(crc32c(Uint8Array.from(bytes)));
  });
});
