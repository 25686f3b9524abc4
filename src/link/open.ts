import type {
  ByteChannel,
  ByteSink,
  ChannelEvents,
  ControlTarget,
  DataChannel,
  DataTarget,
  LinkLimits,
} from './link.js';
import { openMemoryControl, openMemoryData } from './memory.js';
import { openTcpControl, openTcpData } from './tcp.js';

/**
 * Opens the two-way channel for register requests. `greeting` is the first thing sent.
 * @throws FlimdError FLIMD_E_LINK_OPEN, FLIMD_E_LINK_TIMEOUT
 */
export async function openControlChannel(
  target: ControlTarget,
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
  if (target.kind === 'tcp') return openTcpData(target, greeting, sink, onLost, limits);
  return openMemoryData(target, greeting, sink, onLost);
}
