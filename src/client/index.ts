/** The published client of a flimd daemon, for browsers and Node ≥ 20. */
export { FlimdClient, type ClientEvents, type Decay } from './client.js';
export type { ArmOptions, DaemonHealth } from './rest.js';
export type { ConnectOptions } from './connect-options.js';
export type { ClockMapping } from './clock.js';
export type { RecordingOptions } from './rest.js';
export { FramePeriod, liveness, type FreshnessInput, type Liveness } from './freshness.js';
export type { LifetimeFrame, PlaneArray } from './planes.js';
export type { ConnectionState, WebSocketConstructor, WebSocketLike } from './stream-socket.js';
