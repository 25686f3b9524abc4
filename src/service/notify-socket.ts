import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { SendDatagram } from './native.js';

/** The words of sd_notify(3) that flimd says. */
export type Notice = Partial<Record<'READY' | 'STOPPING' | 'WATCHDOG' | 'STATUS', string>>;

/** Nobody reads a longer status, and systemd refuses datagrams above 4096 bytes. */
const MAX_VALUE_CHARACTERS = 500;

/** The socket on which a service manager listens. */
export class NotifySocket {
  #toldOfFailure = false;

  constructor(
    private readonly name: string,
    private readonly sendDatagram: SendDatagram,
    /** Told once: a service manager that does not listen will not do so later. */
    private readonly failed: (problem: string) => void,
  ) {}

  /** False where the reader is behind, so that another try is worth while. */
  send(notice: Notice): boolean {
    const result = this.sendDatagram(this.name, noticeText(notice));
    if (result === -constants.errno.EAGAIN) return false;
    if (result !== 0 && !this.#toldOfFailure) {
      this.#toldOfFailure = true;
      this.failed(`${this.name}: ${getSystemErrorName(result)}`);
    }
    return true;
  }
}

/** One `NAME=value` a line. A value holds text from cameras and drivers, so it must not be able to add a line. */
function noticeText(notice: Notice): string {
  return Object.entries(notice)
    .map(([name, value]) => `${name}=${value.replace(/\p{Cc}+/gu, ' ').slice(0, MAX_VALUE_CHARACTERS)}`)
    .join('\n');
}
