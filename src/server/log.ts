import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../config/index.js';

const STDERR = 2;

/** The log on standard error: one JSON object a line, or readable lines where that is wanted and a terminal. */
export function createLog(config: Config['log']): Logger {
  const options = { level: config.level, redact: ['token', '*.token', '*.authorization'] };
  if (!config.pretty || !process.stderr.isTTY) return pino(options, pino.destination(STDERR));
  return pino(
    options,
    pretty({ destination: STDERR, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' }),
  );
}
