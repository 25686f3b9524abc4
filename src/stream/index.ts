export type { Deconvolver, PixelRegion } from './decay-watch.js';
export type { DecayOf } from './frame-sums.js';
export type { StreamLimits } from './limits.js';
export { refuseUpgrade } from './refuse.js';
export { StreamServer, type OutgoingFrame, type StreamServerOptions } from './stream-server.js';
export { TokenBucket } from './token-bucket.js';
