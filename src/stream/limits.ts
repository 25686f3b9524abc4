/** Limits of the live stream; their defaults and ranges are in the configuration schema. */
export interface StreamLimits {
  readonly maxClients: number;
  /** Frames to a client pause when more than this is unsent… */
  readonly highWaterBytes: number;
  /** …and resume when no more than this is. */
  readonly lowWaterBytes: number;
  /** A paused client that stays further behind than this, unsent and skipped bytes together,… */
  readonly stuckBytes: number;
  /** …for this long is disconnected. */
  readonly stuckMs: number;
  readonly maxMessageBytes: number;
  readonly messagesPerSecond: number;
  readonly statusIntervalMs: number;
  readonly heartbeatMs: number;
}
