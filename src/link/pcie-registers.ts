import { constants } from 'node:fs';
import { CANCELED, DeviceFile } from './device-file.js';
import type { ChannelEvents, PcieTarget, RegisterChannel } from './link.js';
import { isCanceled, isDriverTimeout, nodeLostError, nodeOpenError } from './pcie-errors.js';
import { FlimdError } from '../protocol/errors.js';

const WORD_BYTES = 4;
/** The register map; its addresses are of 12 bits. */
const MAP_BYTES = 4096;

/**
 * The registers behind the user BAR: mapped where the node can be mapped, else with pread and pwrite of exactly four
 * bytes, which is all that the driver takes. Writes are posted: that the camera refused one cannot be seen here.
 * @throws FlimdError FLIMD_E_LINK_OPEN
 */
export async function openPcieRegisters(
  { device }: PcieTarget,
  onLost: ChannelEvents['onLost'],
): Promise<RegisterChannel> {
  const path = `${device}_user`;
  const flags = constants.O_RDWR | constants.O_SYNC;
  const file = new DeviceFile({ path, flags, buffers: 1, bufferBytes: MAP_BYTES });
  const result = await file.open();
  if (result < 0) {
    await file.close();
    throw nodeOpenError(path, result);
  }
  const mapped = (await file.map(MAP_BYTES)) > 0;
  const words = mapped ? mappedWords(file, path) : nodeWords(file, path, onLost);
  return {
    tellsRefusals: false,
    async read(address, count) {
      const values = new Uint32Array(count);
      for (let i = 0; i < count; i++) values[i] = await words.read(address + WORD_BYTES * i);
      return values;
    },
    async write(address, values) {
      for (const [i, value] of values.entries()) await words.write(address + WORD_BYTES * i, value);
    },
    close: () => file.close(),
  };
}

interface Words {
  read(address: number): Promise<number> | number;
  write(address: number, value: number): Promise<void> | void;
}

function mappedWords(file: DeviceFile, path: string): Words {
  const whileOpen = <T>(access: () => T): T => {
    if (file.closed) throw accessError(path, CANCELED);
    return access();
  };
  return {
    read: (address) => whileOpen(() => file.load(address)),
    write: (address, value) => whileOpen(() => file.store(address, value)),
  };
}

/**
 * One buffer holds the word under way, so an access waits until the one before is back from the driver: also where
 * nobody waits for that one any more.
 */
function nodeWords(file: DeviceFile, path: string, onLost: ChannelEvents['onLost']): Words {
  const { buffer } = file.buffers[0]!;
  const word = new DataView(buffer);
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(access: () => Promise<T>): Promise<T> => {
    const turn = last.then(access);
    last = turn.catch(() => {});
    return turn;
  };
  const check = (result: number): void => {
    if (result === WORD_BYTES) return;
    const error = accessError(path, result);
    if (error.code === 'FLIMD_E_LINK_LOST' && !isCanceled(result)) onLost(error);
    throw error;
  };
  return {
    read: (address) =>
      inTurn(async () => {
        check(await file.read(0, WORD_BYTES, address));
        return word.getUint32(0, true);
      }),
    write: (address, value) =>
      inTurn(async () => {
        word.setUint32(0, value, true);
        check(await file.write(0, WORD_BYTES, address));
      }),
  };
}

function accessError(path: string, result: number): FlimdError {
  if (isDriverTimeout(result)) {
    return new FlimdError('FLIMD_E_LINK_TIMEOUT', `no answer from the registers behind ${path}`, {
      value: path,
      action: 'check the board, or load the bitstream again',
    });
  }
  if (result < 0) return nodeLostError(path, result);
  return new FlimdError('FLIMD_E_LINK_LOST', `${path} moved a part of a register`, {
    value: `${result} bytes`,
    expected: `${WORD_BYTES} bytes`,
    action: 'is this the user node of an XDMA device?',
  });
}
