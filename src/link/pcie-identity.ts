import { constants } from 'node:fs';
import { FlimdError } from '../protocol/errors.js';
import { register, REGISTER_MAP_MAGIC } from '../protocol/registers.js';
import { DeviceFile } from './device-file.js';
import type { RegisterChannel } from './link.js';
import { foreignRegisters, nodeOpenError } from './pcie-errors.js';
import { openPcieRegisters } from './pcie-registers.js';

/** A board that answers at all answers in microseconds; the driver waits longer for one that does not. */
const ANSWER_TIMEOUT_MS = 2000;

/** What asking an XDMA device has brought: its serial number, or why it cannot be a camera for us just now. */
export interface PcieAnswer {
  serial: string | null;
  problem: FlimdError | null;
}

/**
 * Asks the registers behind an XDMA device who they are, and its stream whether it is free. Leaves the device as it
 * was; never throws.
 */
export async function askPcieDevice(device: string): Promise<PcieAnswer> {
  try {
    const serial = await readSerial(device);
    return { serial, problem: await streamProblem(device) };
  } catch (error) {
    return { serial: null, problem: error as FlimdError };
  }
}

/**
 * The serial number behind an XDMA device; its stream, which another program may use, is not touched.
 * @throws FlimdError FLIMD_E_LINK_OPEN, FLIMD_E_LINK_TIMEOUT, FLIMD_E_NOT_A_CAMERA
 */
export async function readSerial(device: string): Promise<string> {
  const channel = await openPcieRegisters({ kind: 'pcie', device }, () => {});
  try {
    return await inTime(device, serialFrom(channel));
  } finally {
    await channel.close();
  }
}

async function serialFrom(channel: RegisterChannel): Promise<string> {
  const { address, words } = register('serial');
  const magic = (await channel.read(register('mapMagic').address, 1))[0]!;
  if (magic !== REGISTER_MAP_MAGIC) throw foreignRegisters(magic);
  const text = Buffer.alloc(4 * words);
  (await channel.read(address, words)).forEach((word, i) => text.writeUInt32LE(word, 4 * i));
  return text.toString('latin1').replace(/\0+$/, '');
}

/** The driver lets one program at a time open a stream from the device. */
async function streamProblem(device: string): Promise<FlimdError | null> {
  const path = `${device}_c2h_0`;
  const file = new DeviceFile({ path, flags: constants.O_RDONLY, buffers: 1, bufferBytes: 4 });
  const result = await file.open();
  await file.close();
  return result < 0 ? nodeOpenError(path, result) : null;
}

async function inTime<T>(device: string, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(silenceError(device)), ANSWER_TIMEOUT_MS);
  });
  // Whichever loses the race may still fail later.
  answer.catch(() => {});
  return Promise.race([answer, silence]).finally(() => clearTimeout(timer));
}

const silenceError = (device: string): FlimdError =>
  new FlimdError('FLIMD_E_LINK_TIMEOUT', `no answer from the registers behind ${device}_user`, {
    value: `${ANSWER_TIMEOUT_MS} ms`,
    action: 'check the board, or load the bitstream again',
  });
