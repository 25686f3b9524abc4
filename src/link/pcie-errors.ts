import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { FlimdError } from '../protocol/errors.js';
import { NOBODY, REGISTER_MAP_MAGIC } from '../protocol/registers.js';
import { CANCELED } from './device-file.js';

const { errno } = constants;
/**
 * The XDMA driver lets the kernel's own ERESTARTSYS out when nothing came within its time-out (10 s); C libraries call
 * it "Unknown error 512" (github.com/Xilinx/dma_ip_drivers, issues 54 and 64).
 */
const ERESTARTSYS = 512;

/** Numbers of the errors that a node of a device that is gone gives. */
const gone: ReadonlySet<number> = new Set([errno.ENODEV, errno.ENXIO, errno.ENOTCONN, errno.ECONNABORTED]);

/** The driver gave up waiting; nothing is wrong with the device. */
export const isDriverTimeout = (result: number): boolean =>
  result === -errno.ETIMEDOUT || result === -ERESTARTSYS;

export const isCanceled = (result: number): boolean => result === CANCELED;

/** `result` is −errno. */
export function errnoName(result: number): string {
  return getSystemErrorMap().get(result)?.[0] ?? `error ${-result}`;
}

/** Why a node could not be opened, and what to do about it. */
export function nodeOpenError(node: string, result: number): FlimdError {
  const value = `${node}: ${errnoName(result)}`;
  switch (-result) {
    case errno.ENOENT:
      return openError(
        `there is no ${node}`,
        value,
        'is the board in, and the xdma driver loaded? See `flimd devices`',
      );
    case errno.EACCES:
    case errno.EPERM:
      return openError(
        `this user may not open ${node}`,
        value,
        'install packaging/udev/71-flimd-xdma.rules and join the group it names, or run as root',
      );
    case errno.EBUSY:
      return openError(
        `another program has ${node} open`,
        value,
        `stop that program; \`fuser ${node}\` tells which it is`,
      );
    default:
      return gone.has(-result)
        ? openError(
            `the device behind ${node} is gone`,
            value,
            'rescan the PCI bus, or load the bitstream again',
          )
        : openError(`${node} cannot be opened`, value, 'look at `dmesg` for what the driver says');
  }
}

function openError(message: string, value: string, action: string): FlimdError {
  return new FlimdError('FLIMD_E_LINK_OPEN', message, {
    value,
    expected: 'the device nodes of the XDMA driver',
    action,
  });
}

/** A call on an open node failed, and no later one will do better. */
export function nodeLostError(node: string, result: number): FlimdError {
  const value = `${node}: ${errnoName(result)}`;
  const code = -result;
  if (gone.has(code))
    return lost(`the device behind ${node} is gone`, value, 'check the board; its return is noticed');
  if (code === errno.EIO) {
    return lost(
      `the DMA engine behind ${node} failed`,
      value,
      'look at `dmesg`; flimd opens the device again by itself',
    );
  }
  if (code === errno.EPROTO) {
    return new FlimdError('FLIMD_E_INTERNAL', `the driver refuses how flimd uses ${node}`, {
      value,
      expected: 'aligned accesses of 4 bytes',
      action: 'please report it, with the version of the driver',
    });
  }
  return lost(
    `${node} does not work any more`,
    value,
    'look at `dmesg`; flimd opens the device again by itself',
  );
}

/** @param magic what stands in the place of the map's magic; where it is right, the map lacks `lastRefusal` */
export function foreignRegisters(magic: number): FlimdError {
  const hex = (word: number): string => `0x${word.toString(16)}`;
  if (magic === NOBODY) {
    return new FlimdError('FLIMD_E_NOT_A_CAMERA', 'nothing answers for the registers of this device', {
      value: hex(NOBODY),
      expected: hex(REGISTER_MAP_MAGIC),
      action:
        'is the bitstream loaded, and the memory of the board enabled (`lspci -vv` shows Mem+)? Rescan the bus',
    });
  }
  return new FlimdError('FLIMD_E_NOT_A_CAMERA', 'behind the registers of this device is no flimd camera', {
    value: magic === REGISTER_MAP_MAGIC ? 'a map without lastRefusal' : hex(magic),
    expected: `${hex(REGISTER_MAP_MAGIC)} at 0x000, and a register lastRefusal`,
    action: 'load the flimd bitstream, rescan the bus, and check that this is the right device',
  });
}

function lost(message: string, value: string, action: string): FlimdError {
  return new FlimdError('FLIMD_E_LINK_LOST', message, { value, action });
}
