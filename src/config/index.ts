export { configJsonSchema } from './keys.js';
export { loadConfig, type ConfigOverride, type LoadOptions } from './load.js';
export { configReference } from './reference.js';
export type { Config } from './schema.js';
export { shownConfig } from './shown.js';
