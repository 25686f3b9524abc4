import type { ControlTarget } from '../link/index.js';
import type { FlimdError } from '../protocol/errors.js';
import { DirectRegisters } from './direct-registers.js';
import { RegisterBus, type RegisterBusOptions } from './register-bus.js';

/** The 32-bit registers of a camera, over whatever link. Requests may overlap. */
export interface RegisterAccess {
  /** @throws FlimdError FLIMD_E_LINK_REFUSED, FLIMD_E_LINK_TIMEOUT, FLIMD_E_LINK_LOST */
  read(address: number, words: number): Promise<Uint32Array>;
  /** @throws FlimdError FLIMD_E_LINK_REFUSED, FLIMD_E_LINK_TIMEOUT, FLIMD_E_LINK_LOST */
  write(address: number, values: readonly number[]): Promise<void>;
}

export interface Registers extends RegisterAccess {
  /** Called once when the link breaks; every pending request has been rejected by then. */
  onLost: (error: FlimdError) => void;
  close(): Promise<void>;
}

/** @throws FlimdError of the link, FLIMD_E_LINK_REFUSED, FLIMD_E_LINK_TIMEOUT, FLIMD_E_NOT_A_CAMERA */
export function openRegisters(target: ControlTarget, options: RegisterBusOptions): Promise<Registers> {
  if (target.kind === 'usb' || target.kind === 'pcie') return DirectRegisters.open(target, options);
  return RegisterBus.open(target, options);
}
