import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { crc32c } from '../../src/protocol/crc32c.js';
import {
  decodeHeader,
  emptyHeader,
  encodePacket,
  PACKET_HEADER_BYTES,
  PacketType,
} from '../../src/protocol/packet.js';

const root = path.resolve(import.meta.dirname, '../..');
let folder: string;
let reader: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flimd-reader-'));
  reader = path.join(folder, 'packet-reader');
  const compiler = process.env.CXX ?? 'c++';
  const source = path.join(root, 'test/native/packet-reader.cc');
  execFileSync(compiler, [
    '-std=c++20',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-I',
    path.join(root, 'native'),
    source,
    '-o',
    reader,
  ]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const packets = [
  encodePacket(
    { type: PacketType.histograms, series: 7, frame: 1, sequence: 0, firstRow: 4, rowCount: 2 },
    new Uint8Array(512).map((_, i) => i * 7),
  ),
  encodePacket(
    {
      type: PacketType.telemetry,
      series: 0xffffffff,
      frame: 0xfffffffe,
      sequence: 0xfffffffd,
      deviceTicks: 2 ** 53 - 1,
    },
    new Uint8Array([1, 2, 3]),
  ),
  encodePacket({ type: PacketType.endOfFrame, series: 7, frame: 1, sequence: 2, deviceTicks: 2 ** 32 }),
];

it('gives CRC-32C of the RFC 3720 vectors', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(new Uint8Array(32).map((_, i) => i))).toBe(0x46dd794e);
});

it('is read by C++ from the generated header exactly as TypeScript wrote it', () => {
  const run = spawnSync(reader, { input: Buffer.concat(packets), encoding: 'utf8' });
  expect(run.status).toBe(0);
  expect(run.stdout.trim().split('\n')).toEqual([
    '2 7 1 0 4 2 512 0 1',
    `3 4294967295 4294967294 4294967293 0 0 3 ${2 ** 53 - 1} 1`,
    `4 7 1 2 0 0 0 ${2 ** 32} 1`,
  ]);
});

it('notices every flipped bit of a header', () => {
  for (let bit = 0; bit < PACKET_HEADER_BYTES * 8; bit++) {
    const damaged = packets[0]!.slice();
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    expect(decodeHeader(new DataView(damaged.buffer), damaged, 0, emptyHeader())).toBeNull();
  }
});
