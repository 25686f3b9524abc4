import { DeviceOutput, HistogramSource, type RegisterName } from '../protocol/registers.js';
import type { CameraUnderTest } from './camera-under-test.js';

/** Values that a register of the configuration must take while idle, and values that it must refuse. */
export interface RegisterTrial {
  name: RegisterName;
  taken: number[];
  refused: number[];
}

/** No output bit that exists. */
const NO_OUTPUT = 1 << 31;
const PATTERNS = [0x5555_5555, 0xaaaa_aaaa, 0xffff_ffff];
const MANY_PHOTONS = 60_000;

/** What docs/registers.md says of the configuration of this camera; `injector`: it can be set to inject. */
export function registerTrials(subject: CameraUnderTest, injector: boolean): RegisterTrial[] {
  const { injected, sensor } = HistogramSource;
  return [
    { name: 'framePeriodUs', taken: [0, ...PATTERNS], refused: [] },
    minPhotonsTrial(subject),
    outputTrial(subject),
    { name: 'series', taken: [1, ...PATTERNS], refused: [] },
    { name: 'frameLimit', taken: [0, ...PATTERNS], refused: [] },
    { name: 'rowsPerPacket', taken: [1, 3, subject.description.height], refused: [0] },
    injector
      ? { name: 'histogramSource', taken: [injected, sensor], refused: [2] }
      : { name: 'histogramSource', taken: [sensor], refused: [injected, 2] },
  ];
}

/** The limit of a network is known where its package is; that of any other is at least 1. */
function minPhotonsTrial({ judge, description }: CameraUnderTest): RegisterTrial {
  const least = judge?.model.network.minPhotons ?? 1;
  const known = judge ? [least, least + 1] : [];
  return {
    name: 'minPhotons',
    taken: [...known, MANY_PHOTONS, MANY_PHOTONS + 1],
    refused: description.modelHash === null ? [] : [0, least - 1],
  };
}

function outputTrial({ allOutputs }: CameraUnderTest): RegisterTrial {
  const masks = Array.from({ length: 8 }, (_, mask) => mask);
  const possible = (mask: number): boolean =>
    mask !== 0 &&
    (mask & ~allOutputs) === 0 &&
    ((mask & DeviceOutput.standardErrors) === 0 || (mask & DeviceOutput.lifetimes) !== 0);
  return {
    name: 'output',
    taken: masks.filter(possible),
    refused: [...masks.filter((mask) => !possible(mask)), allOutputs + NO_OUTPUT].map((mask) => mask >>> 0),
  };
}
