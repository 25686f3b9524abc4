import { FaultInjector, type FaultLedger, type FaultProbabilities } from './faults.js';
import type { ChunkedOutlet, PacketOutlet } from './packet-outlet.js';

export interface FaultPlan extends FaultProbabilities {
  seed: number;
  stallMs: number;
}

/** An outlet behind which the link is bad: the camera sends whole packets, faults happen after it counted them. */
export class FaultyOutlet implements PacketOutlet {
  private readonly injector: FaultInjector;
  private packet = new Uint8Array(0);

  constructor(
    private readonly inner: ChunkedOutlet,
    plan: FaultPlan,
    disconnect: () => void,
  ) {
    this.injector = new FaultInjector(plan.seed, plan, {
      write: (run) => {
        inner.reserve(run.length).set(run);
        inner.commit(run.length);
      },
      stall: () => inner.stall(plan.stallMs),
      disconnect,
    });
  }

  get ledger(): FaultLedger {
    return this.injector.ledger;
  }

  get room(): number {
    return this.inner.room;
  }

  get capacity(): number {
    return this.inner.capacity;
  }

  get onRoom(): () => void {
    return this.inner.onRoom;
  }

  set onRoom(tell: () => void) {
    this.inner.onRoom = tell;
  }

  reserve(bytes: number): Uint8Array {
    if (this.packet.length < bytes) this.packet = new Uint8Array(bytes);
    return this.packet;
  }

  commit(bytes: number): void {
    this.injector.send(this.packet.subarray(0, bytes));
  }

  flush(): void {
    this.inner.flush();
  }

  endSeries(): void {
    this.injector.flush();
    this.inner.flush();
  }
}
