import { FlimdError } from '../protocol/errors.js';
import { PACKET_VERSION } from '../protocol/packet.js';
import { DeviceKind, DeviceOutput, REGISTER_MAP_MAGIC, REGISTER_MAP_VERSION } from '../protocol/registers.js';
import type { CameraDescription } from '../protocol/stream.js';
import { psFromFs } from '../protocol/units.js';
import type { RegisterAccess } from './registers.js';
import { type BlockValues, readBlock } from './register-values.js';

/**
 * Reads what the camera says about itself.
 * @throws FlimdError FLIMD_E_NOT_A_CAMERA for another register map or another version of map or packets;
 *   FLIMD_E_DEVICE for a description that cannot be true.
 */
export async function readDescription(bus: RegisterAccess, uri: string): Promise<CameraDescription> {
  const identity = await readBlock(bus, 'identity');
  checkVersions(identity);
  const [capabilities, timing, model] = await Promise.all([
    readBlock(bus, 'capabilities'),
    readBlock(bus, 'timing'),
    readBlock(bus, 'model'),
  ]);
  checkPositive(capabilities, ['width', 'height', 'bins', 'outputs', 'tickHz']);
  checkPositive(timing, ['binWidthFs', 'laserPeriodFs']);
  return {
    uri,
    kind: identity.number('deviceKind') === DeviceKind.virtual ? 'virtual' : 'fpga',
    serial: identity.text('serial'),
    firmware: versionText(identity.number('firmwareVersion')),
    bitstreamId: identity.hex('bitstreamId'),
    width: capabilities.number('width'),
    height: capabilities.number('height'),
    bins: capabilities.number('bins'),
    binWidthPs: psFromFs(timing.number('binWidthFs')),
    laserPeriodPs: psFromFs(timing.number('laserPeriodFs')),
    outputs: outputNames(capabilities.number('outputs')),
    modelHash: /^0+$/.test(model.hex('modelHash')) ? null : model.hex('modelHash'),
    tickHz: capabilities.number('tickHz'),
  };
}

function checkVersions(identity: BlockValues): void {
  expectNumber('register map magic', identity.number('mapMagic'), REGISTER_MAP_MAGIC);
  expectNumber('register map version', identity.number('mapVersion'), REGISTER_MAP_VERSION);
  expectNumber('packet version', identity.number('packetVersion'), PACKET_VERSION);
}

function expectNumber(what: string, value: number, expected: number): void {
  if (value === expected) return;
  const text = (number: number): string =>
    what.endsWith('magic') ? `0x${number.toString(16)}` : `${number}`;
  throw new FlimdError('FLIMD_E_NOT_A_CAMERA', `the ${what} is ${text(value)}, not ${text(expected)}`, {
    value: text(value),
    expected: text(expected),
    action: 'use a camera whose bitstream fits this version of flimd',
  });
}

function checkPositive(values: BlockValues, names: readonly string[]): void {
  for (const name of names) {
    if (values.number(name) > 0) continue;
    throw new FlimdError('FLIMD_E_DEVICE', `the camera describes itself wrongly: ${name} is 0`, {
      value: 0,
      expected: `${name} above 0`,
      action: 'reload the bitstream of the camera',
    });
  }
}

const versionText = (word: number): string => `${word >>> 16}.${(word >>> 8) & 0xff}.${word & 0xff}`;

function outputNames(mask: number): CameraDescription['outputs'] {
  const names = Object.keys(DeviceOutput) as (keyof typeof DeviceOutput)[];
  return names.filter((name) => (mask & DeviceOutput[name]) !== 0);
}
