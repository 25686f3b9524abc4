import type { DaemonStatus } from '../protocol/stream.js';
import { BlockValues, registersOf } from './register-values.js';

export type Telemetry = NonNullable<DaemonStatus['telemetry']>;

export function telemetryFrom(values: BlockValues): Telemetry {
  return {
    temperatureC: values.signed('temperatureMilliC') / 1000,
    biasV: values.number('biasMillivolt') / 1000,
    photonRateHz: values.number('photonRateHz'),
    peakPixelRateHz: values.number('peakPixelRateHz'),
    laserRateHz: values.number('laserRateHz'),
  };
}

/** The words of a telemetry packet; null where there are too few. */
export function telemetryFromWords(words: Uint32Array): Telemetry | null {
  const registers = registersOf('telemetry');
  return words.length < registers.length ? null : telemetryFrom(new BlockValues(registers, words));
}
