import type { MessagePort } from 'node:worker_threads';
import type { Crc32c } from '../protocol/crc32c.js';
import { errorBody } from '../protocol/errors.js';
import type { RunCounters } from '../protocol/stream.js';
import type { Command, CommandMessage, WorkerMessage } from './acquisition-messages.js';
import type { AcquisitionLimits } from './acquisition-options.js';
import type { DataOpener } from './data-connection.js';
import { DataReceiver } from './data-receiver.js';

const TICK_MS = 20;

/** The worker's end of `Acquisition`: obeys its commands and reports what the receiver sees. */
export function serveAcquisition<Target>(
  port: MessagePort,
  open: DataOpener<Target>,
  limits: AcquisitionLimits,
  crc: Crc32c,
): void {
  const post = (message: WorkerMessage): void => port.postMessage(message);
  const receiver = new DataReceiver<Target>({
    open,
    limits,
    crc,
    events: {
      frame: (frame) => post({ kind: 'frame', frame }),
      counters: (counters) => post({ kind: 'counters', counters }),
      telemetry: (words) => post({ kind: 'telemetry', words }),
      endOfSeries: (end) => post({ kind: 'endOfSeries', end }),
      lost: (error) => post({ kind: 'lost', error: error.toJSON() }),
      refused: (reason) => post({ kind: 'refused', reason }),
    },
  });
  const ticker = setInterval(() => receiver.tick(), TICK_MS);

  async function obey(command: Command): Promise<RunCounters | undefined> {
    switch (command.verb) {
      case 'connect':
        return void (await receiver.connect(command.target as Target));
      case 'beginSeries':
        return void receiver.beginSeries(command);
      case 'endSeries':
        return receiver.endSeries(command.totals);
      case 'abortSeries':
        return receiver.abortSeries();
      case 'ping':
        return undefined;
      case 'close':
        clearInterval(ticker);
        return void (await receiver.disconnect());
    }
  }

  port.on('message', ({ call, command }: CommandMessage) => {
    obey(command).then(
      (result) => {
        post({ kind: 'answer', call, result });
        if (command.verb === 'close') port.close();
      },
      (error: unknown) => post({ kind: 'answer', call, error: errorBody(error) }),
    );
  });
}
