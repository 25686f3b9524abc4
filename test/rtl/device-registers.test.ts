import { beforeAll, expect, it } from 'vitest';
import {
  DeviceCommand,
  REGISTER_MAP_MAGIC,
  type Register,
  register,
  registerBlocks,
} from '../../src/protocol/index.js';
import { describeWithTool } from '../support/tools.js';
import { type Answer, buildDevice, DeviceBench, PAYLOAD_BITS, straps } from './support/device-bench.js';

const all: readonly Register[] = registerBlocks.flatMap(({ registers }) => registers as readonly Register[]);
const texts = (answers: readonly Answer[]): string[] => answers.map(({ text }) => text);
const allRefused = (answers: readonly Answer[]): void =>
  expect(texts(answers)).toEqual(answers.map(() => 'refused'));

describeWithTool(['verilator', 'g++'], 'registers of flimd_device', () => {
  let program: string;
  beforeAll(async () => {
    program = await buildDevice();
  }, 180_000);

  it('describes the camera as its straps say', async () => {
    const bench = new DeviceBench();
    const expected: [Answer, number][] = [
      [bench.read('mapMagic'), REGISTER_MAP_MAGIC],
      [bench.read('mapVersion'), 1],
      [bench.read('packetVersion'), 1],
      [bench.read('maxPayloadBytes'), 2 ** PAYLOAD_BITS],
      [bench.read('output'), straps.outputs],
      [bench.read('series'), 0],
      [bench.read('frameLimit'), 0],
      [bench.read('rowsPerPacket'), 8],
      [bench.read('histogramSource'), 0],
      [bench.read('state'), 0],
      [bench.read('fault'), 0],
      ...Object.entries(straps).map(([name, value]): [Answer, number] => [
        bench.read(name as keyof typeof straps),
        value,
      ]),
    ];
    const low = 0x89abcdef;
    for (const [name, words] of [
      ['serial', 4],
      ['bitstreamId', 4],
    ] as const) {
      for (let word = 0; word < words; word++) {
        bench.say(`strap ${name}${word} ${low + word}`);
        expected.push([bench.read(name, word), low + word]);
      }
    }
    for (const name of ['modelHash', 'sourceRevision'] as const) {
      bench.say(`strap ${name} ${0x123456789abcden}`);
      expected.push([bench.read(name), 0x789abcde], [bench.read(name, 1), 0x123456]);
    }
    await bench.run(program, 1);
    expect(texts(expected.map(([answer]) => answer))).toEqual(expected.map(([, value]) => String(value)));
  });

  it('refuses addresses without a register, reads of write-only and writes to read-only registers', async () => {
    const bench = new DeviceBench();
    const known = new Set(
      all.flatMap(({ address, words }) => Array.from({ length: words }, (_, i) => address + 4 * i)),
    );
    const refused: Answer[] = [];
    for (let address = 0; address < 0x1000; address += 4) {
      if (known.has(address)) continue;
      refused.push(bench.ask(`read ${address}`), bench.ask(`write ${address} 1`));
    }
    for (const { address, access } of all) {
      if (access === 'ro') refused.push(bench.ask(`write ${address} 1`));
      if (access === 'wo') refused.push(bench.ask(`read ${address}`));
    }
    await bench.run(program, 2);
    allRefused(refused);
  });

  it('remembers how many accesses it refused and which was the last, for a bus with posted writes', async () => {
    const bench = new DeviceBench();
    const before = bench.read('lastRefusal');
    bench.ask(`write ${register('width').address} 1`);
    const afterWrite = bench.read('lastRefusal');
    bench.ask(`write ${register('frameLimit').address} 3`);
    bench.ask(`write ${register('frameLimit').address} 77 7`);
    const afterPart = bench.read('lastRefusal');
    bench.ask(`read ${register('command').address}`);
    const afterRead = bench.read('lastRefusal');
    await bench.run(program, 3);
    expect(texts([before, afterWrite, afterPart, afterRead]).map(Number)).toEqual([
      0,
      (1 << 16) | 0x8000 | register('width').address,
      (2 << 16) | 0x8000 | register('frameLimit').address,
      (3 << 16) | register('command').address,
    ]);
  });

  it('refuses a part of a word, and changes nothing', async () => {
    const bench = new DeviceBench();
    const part = bench.ask(`write ${register('frameLimit').address} 77 7`);
    const kept = bench.read('frameLimit');
    await bench.run(program, 3);
    expect(texts([part, kept])).toEqual(['refused', '0']);
  });

  it('refuses what no camera can do', async () => {
    const bench = new DeviceBench(undefined, { outputs: 3 });
    const refused = [
      bench.write('output', 0),
      bench.write('output', 4),
      bench.write('output', 7),
      bench.write('output', 8),
      bench.write('minPhotons', straps.minPhotons - 1),
      bench.write('rowsPerPacket', 0),
      bench.write('histogramSource', 2),
      bench.write('command', 0),
      bench.write('command', 6),
      bench.command('arm'),
      bench.command('start'),
    ];
    const taken = [
      bench.write('output', 2),
      bench.write('minPhotons', straps.minPhotons + 1),
      bench.write('rowsPerPacket', 1),
      bench.write('histogramSource', 1),
      bench.write('framePeriodUs', 0xffff_ffff),
    ];
    const values = [bench.read('output'), bench.read('minPhotons'), bench.read('framePeriodUs')];
    await bench.run(program, 4);
    allRefused(refused);
    expect(texts(taken)).toEqual(taken.map(() => 'ok'));
    expect(texts(values)).toEqual(['2', String(straps.minPhotons + 1), String(0xffff_ffff)]);
  });

  it('refuses standard errors without lifetimes where it has both', async () => {
    const bench = new DeviceBench();
    const refused = [bench.write('output', 4), bench.write('output', 6)];
    await bench.run(program, 5);
    allRefused(refused);
  });

  it('takes commands as its state allows, and no configuration until it is idle again', async () => {
    const bench = new DeviceBench().set({ linkStall: 100 });
    bench.exposures = [{ events: new Uint32Array(0), histograms: new Uint16Array(0) }];
    const taken: Answer[] = [bench.command('stop'), bench.command('abort'), bench.command('disarm')];
    const refused: Answer[] = [];
    const states: Answer[] = [];
    const lockedNow = (): void => {
      for (const { address, access } of all)
        if (access === 'rw') refused.push(bench.ask(`write ${address} 1`));
      taken.push(bench.write('errorFlags', 0xffff_ffff));
    };
    const impossible = (...commands: (keyof typeof DeviceCommand)[]): void => {
      refused.push(...commands.map((name) => bench.command(name)));
    };
    taken.push(bench.write('series', 5), bench.command('arm'));
    lockedNow();
    impossible('arm', 'stop');
    taken.push(bench.command('disarm'), bench.command('arm'), bench.command('abort'), bench.command('arm'));
    states.push(bench.read('state'));
    taken.push(bench.command('start'));
    lockedNow();
    impossible('arm', 'start', 'disarm');
    states.push(bench.read('state'));
    taken.push(bench.command('stop'));
    states.push(bench.read('state'));
    lockedNow();
    impossible('arm', 'start', 'disarm');
    taken.push(bench.command('stop'), bench.command('abort'), bench.command('abort'));
    bench.set({ linkStall: 0 }).say('untilState 0');
    taken.push(bench.write('series', 6));
    await bench.run(program, 6);
    allRefused(refused);
    expect(texts(taken)).toEqual(taken.map(() => 'ok'));
    expect(texts(states)).toEqual(['1', '2', '3']);
  });

  it('reads a clock of 64 bits in one piece', async () => {
    const bench = new DeviceBench().set({ ticksPerCycle: 0xf000_0000 });
    const reads = Array.from({ length: 20 }, () => [bench.read('ticks'), bench.read('ticks', 1)] as const);
    await bench.run(program, 7);
    const clock = reads.map(([low, high]) => high.value * 2 ** 32 + low.value);
    for (let i = 1; i < clock.length; i++) {
      expect(clock[i]).toBeGreaterThan(clock[i - 1]!);
      expect(clock[i]! - clock[i - 1]!).toBeLessThan(200 * 0xf000_0000);
    }
  });

  it.each([
    { bins: 10 },
    { width: 14 },
    { bins: 4096 },
    { height: 11 },
    { width: 0 },
    { width: 88, height: 1, bins: 4 },
  ])('cannot be a camera of %o: fault, and no arm', async (shape) => {
    const bench = new DeviceBench(undefined, shape);
    bench.write('series', 1);
    const answers = [bench.read('fault'), bench.command('arm'), bench.read('state')];
    await bench.run(program, 8);
    expect(texts(answers)).toEqual(['1', 'refused', '0']);
  });

  // Their pixels are 0 modulo 2^24, or their words of four bins 0 modulo 2^32; a row fits into payloads of 1 MiB.
  it.each([
    { width: 4096, height: 4096, bins: 4 },
    { width: 8192, height: 2048, bins: 4 },
    { width: 16_384, height: 1024, bins: 8 },
    { width: 32, height: 32_768, bins: 16_384 },
  ])(
    'cannot be a camera of %o though its rows fit',
    async (shape) => {
      const wide = await buildDevice({ PAYLOAD_BITS: 20 });
      const bench = new DeviceBench(undefined, shape);
      bench.write('series', 1);
      const answers = [bench.read('fault'), bench.command('arm'), bench.read('state')];
      await bench.run(wide, 9);
      expect(texts(answers)).toEqual(['1', 'refused', '0']);
    },
    180_000,
  );
});
