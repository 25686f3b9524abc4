import { FlimdError } from '../protocol/errors.js';
import type {
  ByteChannel,
  ByteSink,
  ChannelEvents,
  DataChannel,
  DataTarget,
  DirectTarget,
  EventChannel,
  InjectionChannel,
  LinkLimits,
  LinkTarget,
  PacketTarget,
  RegisterChannel,
} from './link.js';
import { openMemoryControl, openMemoryData } from './memory.js';
import { openPcieData } from './pcie-data.js';
import { openPcieEvents } from './pcie-events.js';
import { openPcieInjection } from './pcie-injection.js';
import { openPcieRegisters } from './pcie-registers.js';
import { openTcpControl, openTcpData } from './tcp.js';
import { openUsbData } from './usb-data.js';
import { openUsbEvents } from './usb-events.js';
import { openUsbInjection } from './usb-injection.js';
import { openUsbRegisters } from './usb-registers.js';

/**
 * Opens the two-way channel for register requests in packets. `greeting` is the first thing sent.
 * @throws FlimdError FLIMD_E_LINK_OPEN, FLIMD_E_LINK_TIMEOUT
 */
export async function openControlChannel(
  target: PacketTarget,
  greeting: Uint8Array,
  events: ChannelEvents,
  limits?: LinkLimits,
): Promise<ByteChannel> {
  if (target.kind === 'tcp') return openTcpControl(target, greeting, events, limits);
  return openMemoryControl(target, greeting, events);
}

/**
 * Opens the channel that carries measured data into `sink`. `greeting` is the first and only thing sent.
 * @throws FlimdError FLIMD_E_LINK_OPEN, FLIMD_E_LINK_TIMEOUT
 */
export async function openDataChannel(
  target: DataTarget,
  greeting: Uint8Array,
  sink: ByteSink,
  onLost: ChannelEvents['onLost'],
  limits?: LinkLimits,
): Promise<DataChannel> {
  switch (target.kind) {
    case 'tcp':
      return openTcpData(target, greeting, sink, onLost, limits);
    case 'memory':
      return openMemoryData(target, greeting, sink, onLost);
    case 'pcie':
      return openPcieData(target, sink, onLost);
    case 'usb':
      return openUsbData(target, sink, onLost);
  }
}

/**
 * Opens the registers on a link that reaches them without packets.
 * @throws FlimdError FLIMD_E_LINK_OPEN
 */
export async function openRegisterChannel(
  target: DirectTarget,
  onLost: ChannelEvents['onLost'],
): Promise<RegisterChannel> {
  if (target.kind === 'pcie') return openPcieRegisters(target, onLost);
  return openUsbRegisters(target, onLost);
}

/**
 * Listens to the camera's interrupts; null on a link that has none. `onEvent` is awaited before the next is told.
 * @throws FlimdError FLIMD_E_LINK_OPEN
 */
export async function openEventChannel(
  target: LinkTarget,
  onEvent: () => Promise<void>,
  onLost: ChannelEvents['onLost'],
): Promise<EventChannel | null> {
  if (target.kind === 'pcie') return openPcieEvents(target, onEvent, onLost);
  return target.kind === 'usb' ? openUsbEvents(target, onEvent, onLost) : null;
}

/** Whether a link has a way for histograms to the camera. */
export const carriesInjection = ({ kind }: LinkTarget): boolean => kind === 'pcie' || kind === 'usb';

/** Opens the way to the camera's injector. @throws FlimdError FLIMD_E_LINK_OPEN, FLIMD_E_CAPABILITY */
export async function openInjectionChannel(target: LinkTarget): Promise<InjectionChannel> {
  if (target.kind === 'pcie') return openPcieInjection(target);
  if (target.kind === 'usb') return openUsbInjection(target);
  throw new FlimdError('FLIMD_E_CAPABILITY', 'this link carries no histograms to the camera', {
    value: target.kind,
    expected: 'a camera on USB or PCIe',
  });
}
