import { FlimdError } from '../protocol/errors.js';
import { DeviceError } from '../protocol/registers.js';
import type { DaemonStatus } from '../protocol/stream.js';
import type { RegisterAccess } from './registers.js';
import { readBlock } from './register-values.js';

export type Diagnostics = NonNullable<DaemonStatus['diagnostics']>;

/** What went wrong in the camera in this series; null for a camera without these registers. */
export async function readDiagnostics(bus: RegisterAccess): Promise<Diagnostics | null> {
  try {
    const values = await readBlock(bus, 'diagnostics');
    const revision = values.hex('sourceRevision');
    return {
      sourceRevision: /^0+$/.test(revision) ? null : revision,
      errors: errorNames(values.number('errorFlags')),
      linkStallCycles: values.number('linkStallCycles'),
      eventsDropped: values.number('eventsDropped'),
      eventsSaturated: values.number('eventsSaturated'),
    };
  } catch (error) {
    if (error instanceof FlimdError && error.code === 'FLIMD_E_LINK_REFUSED') return null;
    throw error;
  }
}

/** A flag that this version does not know is shown by its bit. */
function errorNames(flags: number): string[] {
  const names = Object.entries(DeviceError).filter(([, bit]) => (flags & bit) !== 0);
  const known = Object.values(DeviceError).reduce<number>((sum, bit) => sum | bit, 0);
  const unknown = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => ((flags & ~known) >>> bit) & 1);
  return [...names.map(([name]) => name), ...unknown.map((bit) => `bit${bit}`)];
}
