/** Where the camera puts its packets: the FIFO in front of the link. */
export interface PacketOutlet {
  /** Bytes the link takes now without waiting. */
  readonly room: number;
  /** `room` of an idle link. */
  readonly capacity: number;
  /** Called when room came back. */
  onRoom: () => void;
  /** Contiguous room for one packet. Always granted, beyond `room` too: a frame begun is a frame finished. */
  reserve(bytes: number): Uint8Array;
  /** The reserved room holds a whole packet. */
  commit(bytes: number): void;
  /** Nothing follows for a while: what is gathered goes out. */
  flush(): void;
  /** The series is over: nothing may stay behind. */
  endSeries(): void;
}

/** The transport below: takes whole chunks and says when it has no more use for one. */
export interface ChunkTransport {
  /**
   * Sends the first `bytes` bytes; the chunk comes back through `ChunkedOutlet.recycle`. `flushed` is false where
   * the chunk is merely full and more follows at once.
   */
  transmit(chunk: ArrayBuffer, bytes: number, flushed: boolean): void;
}

/**
 * Gathers packets into chunks and hands them to the transport. A chunk that the transport holds is a credit
 * taken; with all credits taken the link is full. Chunks are recycled, so that a steady flow allocates nothing.
 */
export class ChunkedOutlet implements PacketOutlet {
  onRoom: () => void = () => {};
  private readonly credits: number;
  private inFlight = 0;
  private readonly free: ArrayBuffer[] = [];
  private chunk: Uint8Array | null = null;
  private filled = 0;
  private stalledChunks: { chunk: ArrayBuffer; bytes: number; flushed: boolean }[] | null = null;
  private stallTimer: NodeJS.Timeout | null = null;

  /**
   * `limitBytes`: with this much in the transport's hands the link counts as full. `chunkBytes` is at least the
   * largest packet.
   */
  constructor(
    private readonly transport: ChunkTransport,
    limitBytes: number,
    private readonly chunkBytes: number,
  ) {
    this.credits = Math.max(2, Math.floor(limitBytes / chunkBytes));
  }

  get capacity(): number {
    return this.credits * this.chunkBytes;
  }

  get room(): number {
    return Math.max(0, this.credits - this.inFlight) * this.chunkBytes - this.filled;
  }

  reserve(bytes: number): Uint8Array {
    if (this.chunk && this.filled + bytes > this.chunk.length) this.handOver(false);
    this.chunk ??= new Uint8Array(this.free.pop() ?? new ArrayBuffer(this.chunkBytes));
    return this.chunk.subarray(this.filled, this.filled + bytes);
  }

  commit(bytes: number): void {
    this.filled += bytes;
  }

  flush(): void {
    this.handOver(true);
  }

  private handOver(flushed: boolean): void {
    if (!this.chunk || this.filled === 0) return;
    const chunk = this.chunk.buffer as ArrayBuffer;
    const bytes = this.filled;
    this.chunk = null;
    this.filled = 0;
    this.inFlight++;
    if (this.stalledChunks) this.stalledChunks.push({ chunk, bytes, flushed });
    else this.transport.transmit(chunk, bytes, flushed);
  }

  endSeries(): void {
    this.flush();
  }

  /** The transport has done with a chunk. */
  recycle(chunk: ArrayBuffer): void {
    this.inFlight--;
    if (this.free.length < this.credits) this.free.push(chunk);
    this.onRoom();
  }

  /** For `ms` nothing more leaves; what is sent meanwhile waits in its chunks and takes up credits. */
  stall(ms: number): void {
    this.flush();
    this.stalledChunks ??= [];
    if (this.stallTimer) clearTimeout(this.stallTimer);
    this.stallTimer = setTimeout(() => this.resume(), ms);
  }

  /** The link is gone: nothing is kept. */
  close(): void {
    if (this.stallTimer) clearTimeout(this.stallTimer);
    this.stallTimer = null;
    this.stalledChunks = null;
    this.onRoom = () => {};
  }

  private resume(): void {
    const waiting = this.stalledChunks ?? [];
    this.stalledChunks = null;
    this.stallTimer = null;
    for (const { chunk, bytes, flushed } of waiting) this.transport.transmit(chunk, bytes, flushed);
  }
}
