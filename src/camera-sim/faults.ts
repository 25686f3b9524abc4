import { PACKET_HEADER_BYTES, PACKET_MAGIC } from '../protocol/index.js';
import { Random } from '../random/random.js';

/** Probability per packet of every fault, 0 … 1. At most one of the first five strikes a packet. */
export interface FaultProbabilities {
  drop: number;
  corrupt: number;
  truncate: number;
  duplicate: number;
  reorder: number;
  /** Random bytes in front of the packet. */
  garbage: number;
  /** The link stands still for a while before the packet. */
  stall: number;
  /** The data connection is closed before the packet. */
  disconnect: number;
}

export const noFaults: FaultProbabilities = {
  drop: 0,
  corrupt: 0,
  truncate: 0,
  duplicate: 0,
  reorder: 0,
  garbage: 0,
  stall: 0,
  disconnect: 0,
};

/** What was done to the packets so far. `packets − dropped − corrupted − truncated` arrive sound. */
export interface FaultLedger {
  /** Packets given to the injector. */
  packets: number;
  dropped: number;
  corrupted: number;
  truncated: number;
  /** Packets that went out twice. */
  duplicated: number;
  /** Packets that went out sound after a sound later one. */
  reordered: number;
  garbageRuns: number;
  stalls: number;
  disconnects: number;
}

export interface FaultSink {
  write(run: Uint8Array): void;
  stall(): void;
  disconnect(): void;
}

const MAX_GARBAGE_BYTES = 256;
const MAX_CORRUPTED_BYTES = 16;

/**
 * A bad link: takes whole packets, gives byte runs. The same seed and the same packets give the same bytes.
 * A written run is valid during the call only.
 */
export class FaultInjector {
  readonly ledger: FaultLedger = {
    packets: 0,
    dropped: 0,
    corrupted: 0,
    truncated: 0,
    duplicated: 0,
    reordered: 0,
    garbageRuns: 0,
    stalls: 0,
    disconnects: 0,
  };
  private readonly random: Random;
  /** A packet that waits for later ones to overtake it. */
  private held: Uint8Array | null = null;
  private overtakersWanted = 0;
  private overtakers = 0;

  constructor(
    seed: number,
    private readonly probabilities: FaultProbabilities,
    private readonly sink: FaultSink,
  ) {
    this.random = new Random(seed, 0xfa17);
  }

  send(packet: Uint8Array): void {
    const { garbage, stall, disconnect } = this.probabilities;
    this.ledger.packets++;
    if (this.strikes(stall)) this.stall();
    if (this.strikes(disconnect)) this.disconnect();
    if (this.strikes(garbage)) this.writeGarbage(packet);
    this.sendFaulty(packet);
    if (this.held && this.overtakers >= this.overtakersWanted) this.flush();
  }

  /** Lets a held packet go: at the end of a series, where no later packet follows. */
  flush(): void {
    if (!this.held) return;
    if (this.overtakers > 0) this.ledger.reordered++;
    this.sink.write(this.held);
    this.held = null;
  }

  private strikes(probability: number): boolean {
    return probability > 0 && this.random.uniform() < probability;
  }

  /** One draw decides among the faults that exclude each other, so that their rates are exact. */
  private sendFaulty(packet: Uint8Array): void {
    const { drop, corrupt, truncate, duplicate, reorder } = this.probabilities;
    let draw = this.random.uniform();
    if (draw < drop) {
      this.ledger.dropped++;
    } else if ((draw -= drop) < corrupt) {
      this.writeCorrupted(packet);
    } else if ((draw -= corrupt) < truncate) {
      this.ledger.truncated++;
      this.sink.write(packet.subarray(0, 1 + this.random.below(packet.length - 1)));
    } else if ((draw -= truncate) < duplicate) {
      this.ledger.duplicated++;
      this.writeSound(packet);
      this.sink.write(packet);
    } else if ((draw -= duplicate) < reorder && !this.held) {
      this.hold(packet);
    } else {
      this.writeSound(packet);
    }
  }

  private writeSound(packet: Uint8Array): void {
    this.sink.write(packet);
    if (this.held) this.overtakers++;
  }

  private hold(packet: Uint8Array): void {
    this.held = packet.slice();
    this.overtakersWanted = 1 + this.random.below(2);
    this.overtakers = 0;
  }

  /** A burst of changed bytes: no byte of it keeps its value. */
  private writeCorrupted(packet: Uint8Array): void {
    this.ledger.corrupted++;
    const damaged = packet.slice();
    const from = this.random.below(damaged.length);
    const burst = 1 + this.random.below(MAX_CORRUPTED_BYTES);
    for (let at = from; at < Math.min(from + burst, damaged.length); at++) {
      damaged[at]! ^= 1 + this.random.below(255);
    }
    this.sink.write(damaged);
  }

  /** Random bytes; now and then with the magic inside, or ending in the beginning of a true header. */
  private writeGarbage(packet: Uint8Array): void {
    this.ledger.garbageRuns++;
    const bytes = new Uint8Array(8 + this.random.below(MAX_GARBAGE_BYTES - 8));
    for (let at = 0; at < bytes.length; at++) bytes[at] = this.random.next();
    const kind = this.random.below(4);
    if (kind === 0) {
      new DataView(bytes.buffer).setUint32(this.random.below(bytes.length - 3), PACKET_MAGIC, true);
    } else if (kind === 1) {
      const prefix = Math.min(4 + this.random.below(PACKET_HEADER_BYTES - 4), bytes.length);
      bytes.set(packet.subarray(0, prefix), bytes.length - prefix);
    }
    this.sink.write(bytes);
  }

  private stall(): void {
    this.ledger.stalls++;
    this.sink.stall();
  }

  private disconnect(): void {
    this.ledger.disconnects++;
    this.sink.disconnect();
  }
}
