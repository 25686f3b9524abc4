export { truthMaps } from './built-in-scene.js';
export { createDevice } from './create-device.js';
export type { FaultLedger } from './faults.js';
export { defaultSimOptions, parseSimOptions, type SimOptions, simOptionTable } from './options.js';
export { PixelKind } from './scene/cell-scene.js';
export { type TruthMaps } from './scene/truth-maps.js';
export { SimServer } from './sim-server.js';
export { type SimThread, startSimThread } from './sim-thread.js';
