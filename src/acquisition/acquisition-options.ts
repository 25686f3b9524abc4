const MiB = 1024 * 1024;

/** Limits of the acquisition; each with its default in `defaultAcquisitionLimits`. */
export interface AcquisitionLimits {
  /** Frame buffers, shared by the assembler and everything behind it. */
  poolSlots: number;
  /** Bytes that the frame buffers together may take; where frames are large there are fewer of them. */
  poolBytes: number;
  /** A frame is closed when one this much newer begins: how far packets may be reordered. */
  maxOpenFrames: number;
  /** A frame is closed when no packet of it came for so long. */
  frameTimeoutMs: number;
  /** Longest silence to wait through at the end of a series for what the device has sent. */
  drainTimeoutMs: number;
  /** The same when the last packet of the series is there: only reordered ones can follow. */
  settleMs: number;
  /** Longest wait for the device to accept the data channel. */
  attachTimeoutMs: number;
}

export const defaultAcquisitionLimits: AcquisitionLimits = {
  poolSlots: 8,
  poolBytes: 1024 * MiB,
  maxOpenFrames: 4,
  frameTimeoutMs: 1000,
  drainTimeoutMs: 1000,
  settleMs: 100,
  attachTimeoutMs: 3000,
};
