import { constants } from 'node:fs';
import { DeviceFile } from './device-file.js';
import type { ChannelEvents, EventChannel, PcieTarget } from './link.js';
import { isCanceled, isDriverTimeout, nodeLostError, nodeOpenError } from './pcie-errors.js';

/** What the driver gives for an interrupt: how many there were since the last reading. */
const EVENT_BYTES = 4;

/**
 * Tells of the camera's interrupts: a read of four bytes waits for the next. `onEvent` is awaited before the next
 * reading, so that an interrupt that stays raised does not flood anybody.
 * @throws FlimdError FLIMD_E_LINK_OPEN
 */
export async function openPcieEvents(
  { device }: PcieTarget,
  onEvent: () => Promise<void>,
  onLost: ChannelEvents['onLost'],
): Promise<EventChannel> {
  const path = `${device}_events_0`;
  const file = new DeviceFile({ path, flags: constants.O_RDONLY, buffers: 1, bufferBytes: EVENT_BYTES });
  const result = await file.open();
  if (result < 0) {
    await file.close();
    throw nodeOpenError(path, result);
  }
  void listen(file, path, onEvent, onLost);
  return { close: () => file.close() };
}

async function listen(
  file: DeviceFile,
  path: string,
  onEvent: () => Promise<void>,
  onLost: ChannelEvents['onLost'],
): Promise<void> {
  for (;;) {
    const result = await file.read(0, EVENT_BYTES);
    if (isCanceled(result)) return;
    if (isDriverTimeout(result)) continue;
    if (result !== EVENT_BYTES) {
      void file.close();
      return onLost(nodeLostError(path, result));
    }
    await onEvent();
  }
}
