import { appendFileSync } from 'node:fs';
import { bootWithHostFiles, type GuestOptions, type HostFilesOptions } from './guest.js';

/** What a script in the guest said, in a line. */
export interface Fact {
  what: string;
  [name: string]: unknown;
}

/** A machine of its own, until it has ended by itself or is stopped. */
export interface RunningGuest {
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

/** Boots a guest, lets its script run to the end, and keeps what it said. */
export class GuestReport {
  private readonly facts: Fact[] = [];
  private readonly log: string[] = [];

  /** @param onFact what the guest asks of the host as it speaks */
  constructor(private readonly onFact: (fact: Fact) => void) {}

  /** Runs a script with the files of this machine; ends a guest that is not done after `limitMs`. */
  run(options: Omit<HostFilesOptions, 'onLine'>, limitMs: number): Promise<void> {
    return this.boot((onLine) => bootWithHostFiles({ ...options, onLine }), limitMs);
  }

  /** The same for any guest. */
  async boot(boot: (onLine: GuestOptions['onLine']) => RunningGuest, limitMs: number): Promise<void> {
    const guest = boot((line) => this.hear(line));
    const timer = setTimeout(() => void guest.stop(), limitMs);
    await guest.exited;
    clearTimeout(timer);
    await guest.stop();
  }

  /** The first fact of this kind with these values; fails with the end of the guest's log where there is none. */
  said(what: string, values: Record<string, unknown> = {}): any {
    const wanted = Object.entries(values);
    const found = this.facts.find(
      (fact) => fact.what === what && wanted.every(([name, value]) => fact[name] === value),
    );
    if (found) return found;
    const end = this.log.slice(-60).join('\n');
    throw new Error(`the guest did not say "${what}" (${JSON.stringify(values)}):\n${end}`);
  }

  private hear(line: string): void {
    this.log.push(line);
    if (process.env.FLIMD_GUEST_LOG) appendFileSync(process.env.FLIMD_GUEST_LOG, `${line}\n`);
    const json = /FLIMD (\{.*\})/.exec(line)?.[1];
    if (!json) return;
    const fact = JSON.parse(json) as Fact;
    this.facts.push(fact);
    this.onFact(fact);
  }
}
