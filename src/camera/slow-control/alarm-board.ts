import { alarmsOf, cuttingAlarms, type HostAlarm } from '../../protocol/slow-control.js';

/** The alarms that are latched: the camera's, as last read, and those that the host raised itself. */
export class AlarmBoard {
  #camera: string[] = [];
  readonly #host = new Set<HostAlarm>();

  get names(): string[] {
    return [...this.#camera, ...this.#host];
  }

  get any(): boolean {
    return this.#camera.length > 0 || this.#host.size > 0;
  }

  /** The bias must not wait for a ramp. */
  get cuts(): boolean {
    return this.names.some((name) => cuttingAlarms.has(name));
  }

  raise(alarm: HostAlarm): void {
    this.#host.add(alarm);
  }

  /** The channel `alarms`, as read. */
  read(bits: number): void {
    this.#camera = alarmsOf(bits);
  }

  /** The host's own; the camera's are cleared by the camera. */
  acknowledge(): void {
    this.#host.clear();
  }
}
