import type { DataOpener } from '../../src/acquisition/data-connection.js';
import type { DeviceConnection, DevicePort } from '../../src/camera-sim/device-port.js';
import { FlimdError } from '../../src/protocol/errors.js';

/**
 * Opens data channels to a device in this thread, without a socket between. Chunks travel in a macrotask of
 * their own, in order; a cut reaches the host behind the chunks that had left before it.
 */
export function openerFor(port: DevicePort): DataOpener<null> {
  return async (_, greeting, sink, onLost) => {
    let open = true;
    const travel = (arrive: () => void): void => void setImmediate(() => open && arrive());
    const pour = (bytes: Uint8Array): void => {
      for (let at = 0; at < bytes.length;) {
        const room = sink.reserve();
        const run = bytes.subarray(at, at + room.length);
        room.set(run);
        sink.commit(run.length);
        at += run.length;
      }
    };
    const lose = (): void => {
      open = false;
      onLost(new FlimdError('FLIMD_E_LINK_LOST', 'the device cut the link'));
    };
    const connection: DeviceConnection = port.accept({
      send: (packet) => travel(() => pour(packet)),
      transmit: (chunk, bytes) =>
        travel(() => {
          pour(new Uint8Array(chunk, 0, bytes));
          connection.recycle(chunk);
        }),
      close: () => travel(lose),
      cut: () => travel(lose),
    });
    connection.receive(greeting);
    return {
      close: async () => {
        open = false;
        connection.closed();
      },
    };
  };
}
