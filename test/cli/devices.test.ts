import { describe, expect, it } from 'vitest';
import { deviceList } from '../../src/cli/devices.js';
import { discoverDevices, type FoundDevice } from '../../src/link/discovery.js';

const camera: FoundDevice = {
  uri: 'usb:serial=SN-7',
  link: 'usb',
  serial: 'SN-7',
  name: '1209:0001 at 3-1.4',
  problem: null,
};

describe('flimd devices', () => {
  it('shows addresses, and what keeps one from being used', () => {
    const problem = {
      code: 'FLIMD_E_LINK_OPEN',
      message: 'no way in',
      expected: 'a key',
      action: 'knock',
    } as const;
    expect(deviceList([camera, { ...camera, uri: null, serial: null, problem }]).split('\n')).toEqual([
      'usb:serial=SN-7  1209:0001 at 3-1.4, serial number SN-7',
      '-  1209:0001 at 3-1.4',
      '  no way in [FLIMD_E_LINK_OPEN]',
      '  expected: a key',
      '  to do:    knock',
      '',
    ]);
    expect(deviceList([])).toBe('no camera on USB or PCIe\n');
  });

  it('looks at every link of this machine and fails on none', async () => {
    for (const { link, name, problem } of await discoverDevices()) {
      expect(['usb', 'pcie', 'serial']).toContain(link);
      expect(name).not.toBe('');
      expect(problem?.code).not.toBe('FLIMD_E_INTERNAL');
    }
  });
});
