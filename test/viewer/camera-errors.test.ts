import { describe, expect, it } from 'vitest';
import { cameraErrors } from '../../viewer/src/camera-errors.js';
import { DeviceError } from '../../src/protocol/registers.js';

const diagnostics = (errors: string[]) => ({
  sourceRevision: null,
  errors,
  linkStallCycles: 0,
  eventsDropped: 7,
  eventsSaturated: 2,
});

describe('errors inside the camera', () => {
  it('are told apart: not known, none, one, several', () => {
    expect(cameraErrors(null).text).toBe('–');
    expect(cameraErrors(diagnostics([])).text).toBe('none');
    expect(cameraErrors(diagnostics(['eventsLost'])).text).toBe('eventsLost');
    expect(cameraErrors(diagnostics(['eventsLost', 'binSaturated'])).text).toBe('2 kinds');
  });

  it('come with what they mean and how much was lost', () => {
    const { advice } = cameraErrors(diagnostics(['eventsLost', 'bit31']));
    expect(advice).toContain('lower the count rate');
    expect(advice).toContain('bit31: not known');
    expect(advice).toContain('Photons lost 7');
  });

  it.each(Object.keys(DeviceError))('%s has words of its own', (name) => {
    expect(cameraErrors(diagnostics([name])).advice).not.toContain('not known');
  });
});
