import { describe, expect, it } from 'vitest';
import type { PacketOutlet } from '../../src/camera-sim/packet-outlet.js';
import { Refusal } from '../../src/camera-sim/register-file.js';
import type { VirtualCamera } from '../../src/camera-sim/virtual-camera.js';
import { DeviceCommand, DeviceState, register, type RegisterName } from '../../src/protocol/registers.js';
import { describeWithFuse } from '../links/support/fuse.js';
import { flawedDevice, type Flaws, spoiledCore } from '../support/flawed-device.js';
import { onlyFailure, validateOverNodes, validateOverTcp, verdictsOf } from './validate-device.js';

const addressOf = (name: RegisterName): number => register(name).address;
const stateOf = (camera: VirtualCamera): number => camera.registers.read(addressOf('state'), 1)[0]!;

/** Something else is done with the words that a host writes; `undefined`: what always is. */
const onWrite =
  (act: (address: number, value: number, camera: VirtualCamera) => void | 'done'): Flaws['registers'] =>
  (sound, camera) => ({
    read: (address, words) => sound.read(address, words),
    write: (address, values) => {
      if (act(address, values[0]!, camera) !== 'done') sound.write(address, values);
    },
  });

const onCommand = (act: (command: number, camera: VirtualCamera) => void | 'done'): Flaws['registers'] =>
  onWrite((address, value, camera) => (address === addressOf('command') ? act(value, camera) : undefined));

const command = (camera: VirtualCamera, name: keyof typeof DeviceCommand): void =>
  camera.registers.write(addressOf('command'), Uint32Array.of(DeviceCommand[name]));

/** Counts packets and lets nothing of them out once `lost` says so. */
const losing = (lost: () => boolean, sound: PacketOutlet): PacketOutlet =>
  new Proxy(sound, {
    get(target, key) {
      if (key === 'commit') return (bytes: number) => lost() || target.commit(bytes);
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

/** A camera that loses what it still has to send when it is stopped. */
function losingTheLastFrame(): Flaws {
  let stopped = false;
  return {
    registers: onCommand((value) => {
      if (value === DeviceCommand.start) stopped = false;
      if (value === DeviceCommand.stop) stopped = true;
    }),
    outlet: (sound) => losing(() => stopped, sound),
  };
}

/** By what goes wrong: the flaw, the check that must find it, and what it must say. */
const flaws: [string, Flaws, string, RegExp][] = [
  [
    'a register takes a write while armed',
    {
      registers: onWrite((address, value, camera) => {
        if (address !== addressOf('minPhotons') || stateOf(camera) !== DeviceState.armed) return;
        camera.registers.set('minPhotons', value);
        return 'done';
      }),
    },
    'registers',
    /took \d+ for minPhotons while armed/,
  ],
  [
    'a refused write stays all the same',
    {
      registers: onWrite((address, value, camera) => {
        if (address === addressOf('rowsPerPacket') && value === 0)
          camera.registers.set('rowsPerPacket', value);
      }),
    },
    'registers',
    /rowsPerPacket is 0 after 0 was refused/,
  ],
  [
    'one register is another one too',
    {
      registers: onWrite((address, value, camera) => {
        if (address === addressOf('frameLimit')) camera.registers.set('minPhotons', value);
      }),
    },
    'registers',
    /a write to frameLimit changed others: minPhotons/,
  ],
  [
    'a read-only register can be written',
    {
      registers: onWrite((address, value, camera) => {
        if (address !== addressOf('binWidthFs')) return;
        camera.registers.set('binWidthFs', value);
        return 'done';
      }),
    },
    'registers',
    /took a write to binWidthFs, which is read-only/,
  ],
  [
    'an address without a register answers',
    {
      registers: (sound) => ({
        read: (address, words) => (address === 0x038 ? new Uint32Array(words) : sound.read(address, words)),
        write: (address, values) => sound.write(address, values),
      }),
    },
    'registers',
    /took a read at 0x038, where no register is/,
  ],
  [
    'bits of a register are not there',
    {
      registers: onWrite((address, value, camera) => {
        if (address !== addressOf('series') || stateOf(camera) !== DeviceState.idle) return;
        camera.registers.write(address, Uint32Array.of(value & 0xffff || 1));
        return 'done';
      }),
    },
    'registers',
    /series was given \d+ while idle and holds \d+/,
  ],
  ['stop loses the last frame', losingTheLastFrame(), 'run-control', /after stop: .*packets lost/],
  [
    'a series has a frame too many',
    {
      registers: onCommand((value, camera) => {
        if (value === DeviceCommand.start && camera.registers.get('frameLimit') > 0)
          camera.registers.set('frameLimit', camera.registers.get('frameLimit') + 1);
      }),
    },
    'run-control',
    /2 frames came with frameLimit 1/,
  ],
  [
    'abort is slow',
    {
      registers: onCommand((value, camera) => {
        if (value !== DeviceCommand.abort || stateOf(camera) !== DeviceState.acquiring) return;
        setTimeout(() => command(camera, 'abort'), 1200);
        return 'done';
      }),
    },
    'run-control',
    /abort took \d+ ms to idle; at most 600 expected/,
  ],
  [
    'a verb is taken in the wrong state',
    {
      registers: onCommand((value, camera) => {
        if (value === DeviceCommand.arm && stateOf(camera) === DeviceState.acquiring) return 'done';
        return undefined;
      }),
    },
    'run-control',
    /arm is taken while acquiring/,
  ],
  [
    'packets carry another series number than the one written',
    {
      registers: onCommand((value, camera) => {
        if (value !== DeviceCommand.start) return;
        camera.registers.set('series', (camera.registers.get('series') & 0xffff) + 1);
      }),
    },
    'run-control',
    /with frameLimit 1: series 1: \d+ packets with another series number/,
  ],
  [
    'a frame is off by one in one pixel',
    { core: (sound) => spoiledCore(sound, (planes, pixel) => pixel === 37 && planes.photons[pixel]!++) },
    'sensor-frames',
    /sensor, frame 0: 1 pixel with other lifetimes, the first is pixel x 5, y 2: camera/,
  ],
  [
    'the device clock runs fast',
    { camera: (camera) => camera.registers.set('tickHz', 80_000_000) },
    'clock',
    /device clock is 2\d{5} ± \d+ ppm off/,
  ],
  [
    'it has no serial number',
    { camera: (camera) => camera.registers.setBytes('serial', new Uint8Array(0)) },
    'identity',
    /serial number is ""/,
  ],
];

describe('a camera with a flaw', () => {
  it.each(flaws)('is found out: %s', async (_, flaw, name, text) => {
    const report = await validateOverTcp(await flawedDevice(flaw), {
      only: [name],
      options: { idleMs: 600, stallMs: 500 },
    });
    const { why, findings } = onlyFailure(report);
    expect(why).not.toBeNull();
    expect(findings.map((each) => each.text).join('\n')).toMatch(text);
    expect(report.verdict).toBe('failed');
  });

  it('is found out where stop cuts the frame under way', async () => {
    const flaw: Flaws = {
      registers: onCommand((value, camera) => {
        if (value !== DeviceCommand.stop || stateOf(camera) !== DeviceState.acquiring) return;
        command(camera, 'abort');
        return 'done';
      }),
    };
    // Large enough to be under way most of the time; between two frames stop has nothing to cut.
    const validate = async () => {
      const device = await flawedDevice(flaw, { width: 128, height: 128 });
      return validateOverTcp(device, { only: ['run-control'] });
    };
    let report = await validate();
    for (let again = 0; report.verdict === 'passed' && again < 5; again++) report = await validate();
    const { findings } = onlyFailure(report);
    expect(findings.map(({ text }) => text).join('\n')).toMatch(/after stop: series \d+: .*rows missing/);
  });

  it('is found out by one check alone, and the others pass', async () => {
    const flaw: Flaws = {
      core: (sound) =>
        spoiledCore(sound, (planes, pixel) => pixel === 37 && planes.standardErrorIntensity[pixel]!++),
    };
    const report = await validateOverTcp(await flawedDevice(flaw), { options: { clockPpm: 50_000 } });
    expect(onlyFailure(report).name).toBe('sensor-frames');
  });

  it('with the network of somebody else is not judged, and does not pass', async () => {
    const device = await flawedDevice({
      core: (sound) => ({
        modelHash: Uint8Array.from({ length: 8 }, (_, i) => i + 1),
        minPhotons: sound.minPhotons,
        compute: sound.compute.bind(sound),
      }),
    });
    const only = ['model', 'sensor-frames', 'run-control'];
    const report = await validateOverTcp(device, { only });
    expect(verdictsOf(report)).toEqual({
      model: 'failed',
      'sensor-frames': 'skipped',
      'run-control': 'passed',
    });
    expect(onlyFailure(report).why).toMatch(/0102030405060708, is in no model package here.*--model/);
    expect(report.checks[1]!.why).toContain('0102030405060708');
    const named = await validateOverTcp(device, { only, model: 'cells-12.5ns-32' });
    expect(onlyFailure(named).why).toMatch(/is 0102030405060708, the model package cells-12.5ns-32 is/);
  });

  it('on a link that loses packets does not pass, and says how many', async () => {
    const device = await flawedDevice({}, { faults: { drop: 0.01 } });
    const report = await validateOverTcp(device, {
      options: { frames: 64 },
      only: ['sensor-frames', 'rate'],
    });
    expect(report.verdict).toBe('failed');
    const failed = report.checks.filter(({ verdict }) => verdict === 'failed');
    expect(failed.map(({ why }) => why).join('\n')).toMatch(/\d+ of \d+ packets lost/);
    // Lost packets are the link's: what arrived is as the host has it.
    expect(report.checks[0]!.figures).toMatchObject({ pixelsDiffering: 0 });
  });

  it('whose link breaks fails there, and is not judged further', async () => {
    const device = await flawedDevice({}, { faults: { disconnect: 0.05 } });
    const report = await validateOverTcp(device, {
      only: ['identity', 'sensor-frames', 'run-control', 'clock'],
    });
    expect(verdictsOf(report)).toEqual({
      ...{ identity: 'passed', 'sensor-frames': 'failed', 'run-control': 'skipped', clock: 'skipped' },
    });
    expect(report.checks[1]!.why).toMatch(/FLIMD_E_LINK_LOST/);
    expect(report.checks[2]!.why).toMatch(/^the link broke: /);
  });

  it('whose link breaks behind what a check has looked at does not pass', async () => {
    let goAway = (): void => {};
    // The check only reads: the first write is that of the configuration behind it.
    const device = await flawedDevice({ registers: onWrite(() => goAway()) });
    const report = await validateOverTcp(device, {
      ...{ only: ['identity', 'clock'], listening: (leave) => (goAway = leave) },
    });
    expect(report.verdict).toBe('failed');
    expect(verdictsOf(report)).toEqual({ identity: 'failed', clock: 'skipped' });
    expect(onlyFailure(report).why).toMatch(/FLIMD_E_LINK_LOST/);
  });

  it('that refuses what it must take says which value', async () => {
    const device = await flawedDevice({
      registers: onWrite((address, value) => {
        if (address === addressOf('framePeriodUs') && value === 0xffff_ffff) throw new Refusal('too long');
      }),
    });
    const report = await validateOverTcp(device, { only: ['registers'] });
    expect(onlyFailure(report).why).toBe('framePeriodUs refuses 4294967295 while idle');
  });
});

describeWithFuse('a camera with a flaw that only injected frames show', () => {
  const injected = { only: ['injected-frames'] };
  const one = (counts: Uint16Array): boolean => counts.filter((count) => count > 0).length === 1;

  it('is found out by kind and pixel, with both values and the histogram', async () => {
    // Off by one in one pixel where all photons are in one bin.
    const flaw: Flaws = {
      core: (sound) =>
        spoiledCore(sound, (planes, pixel, counts) => {
          if (pixel === 37 && one(counts) && Math.max(...counts) > 100) planes.lifetimeIntensity[pixel]!++;
        }),
    };
    const { findings, figures } = onlyFailure(await validateOverNodes(await flawedDevice(flaw), injected));
    expect(findings).toHaveLength(1);
    const { text, pixel } = findings[0]!;
    expect(text).toMatch(
      /^one bin, frame 3: 1 pixel with other lifetimes, the first is pixel x 5, y 2: camera/,
    );
    expect(pixel).toMatchObject({ kind: 'one bin', frame: 3, x: 5, y: 2 });
    expect(pixel!.camera!.meanLifetimeIntensityPs).toBe(pixel!.host!.meanLifetimeIntensityPs + 1);
    expect({ ...pixel!.camera, meanLifetimeIntensityPs: 0 }).toEqual({
      ...pixel!.host,
      meanLifetimeIntensityPs: 0,
    });
    expect(pixel!.histogram).toHaveLength(64);
    expect(pixel!.histogram.filter((count) => count > 0)).toEqual([pixel!.host!.photons]);
    expect(figures).toMatchObject({ pixelsDiffering: 2, histogramsDiffering: 0 });
  });

  it('is found out where the network does not look at minPhotons', async () => {
    const flaw: Flaws = {
      core: (sound) => ({
        modelHash: sound.modelHash,
        minPhotons: sound.minPhotons,
        compute: (planes, row, rows) => sound.compute(planes, row, rows, sound.minPhotons),
      }),
    };
    const { findings } = onlyFailure(await validateOverNodes(await flawedDevice(flaw), injected));
    expect(findings.some(({ text }) => text.startsWith('around minPhotons'))).toBe(true);
  });

  it('is found out where a full bin wraps', async () => {
    const flaw: Flaws = {
      core: (sound) => spoiledCore(sound, (_, __, counts) => void (counts[9] === 0xffff && (counts[9] = 0))),
    };
    const { findings } = onlyFailure(await validateOverNodes(await flawedDevice(flaw), injected));
    const { pixel } = findings.find(({ text }) => text.startsWith('saturated'))!;
    expect([pixel!.histogram[9], pixel!.cameraHistogram![9]]).toEqual([0xffff, 0]);
  });

  it('is found out on a link that loses packets', async () => {
    const device = await flawedDevice({}, { faults: { drop: 0.01 }, seed: 3 });
    const report = await validateOverNodes(device, { ...injected, options: { frames: 60 } });
    const { findings, figures } = onlyFailure(report);
    expect(findings.map(({ text }) => text).join('\n')).toMatch(/\d+ of \d+ packets lost/);
    expect(figures).toMatchObject({ pixelsDiffering: 0, histogramsDiffering: 0 });
  });
});
