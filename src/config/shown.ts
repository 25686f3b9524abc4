import type { Config } from './schema.js';

/** The configuration as anybody may see it: in REST answers and in recordings. */
export function shownConfig(config: Config): Config {
  const { server } = config;
  return { ...config, server: { ...server, token: server.token === null ? null : '(hidden)' } };
}
