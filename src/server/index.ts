export { startServer, type RunningServer, type ServerOptions } from './http-server.js';
export { createLog } from './log.js';
export type { ArmOptions, RunControls } from './run-controls.js';
export type { RecordingControls, RecordingRequest } from './recording-routes.js';
