import { describe, expect, it } from 'vitest';
import { parseCameraUri } from '../../src/link/index.js';
import { FlimdError } from '../../src/protocol/errors.js';

describe('parseCameraUri', () => {
  it.each([
    ['sim:', {}],
    ['sim:?', {}],
    ['SIM:', {}],
    ['sim:fps=20', { fps: '20' }],
    ['sim:?fps=20&photons=500', { fps: '20', photons: '500' }],
    ['sim:file=/a/b+c.sdt', { file: '/a/b+c.sdt' }],
    ['sim:file=a%20b%26c=d.sdt&fps=', { file: 'a b&c=d.sdt', fps: '' }],
    ['sim:faults=drop:0.01,corrupt:0.5', { faults: 'drop:0.01,corrupt:0.5' }],
    ['sim:__proto__=1', JSON.parse('{"__proto__":"1"}')],
  ])('%s', (text, options) => {
    expect(parseCameraUri(text)).toEqual({ kind: 'sim', options });
  });

  it.each([
    ['tcp:127.0.0.1:9870', '127.0.0.1', 9870],
    ['tcp:camera.lab.example:1', 'camera.lab.example', 1],
    ['tcp://camera:65535', 'camera', 65535],
    ['tcp://camera:65535/', 'camera', 65535],
    ['tcp:[::1]:9870', '::1', 9870],
    ['TCP:[fe80::1]:80', 'fe80::1', 80],
  ])('%s', (text, host, port) => {
    expect(parseCameraUri(text)).toEqual({ kind: 'tcp', host, port });
  });

  it.each([
    '',
    'sim',
    '/dev/ttyUSB0',
    'http://camera:80',
    'tcp:',
    'tcp:camera',
    'tcp:camera:',
    'tcp:camera:0',
    'tcp:camera:65536',
    'tcp:camera:123456',
    'tcp:camera:80x',
    'tcp:::1:80',
    'tcp:two words:80',
    'sim:fps',
    'sim:=3',
    'sim:fps=1&fps=2',
    'sim:file=%zz',
    'sim:file=%ff',
    'usb:1209',
    'usb:12090:0001',
    'usb:serial=',
    'pcie:/dev/xdma',
    'pcie:/dev/../etc/passwd',
    'pcie:xdma0_user',
  ])('refuses "%s" and says what it expects', (text) => {
    try {
      parseCameraUri(text);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(FlimdError);
      expect(error).toMatchObject({ code: 'FLIMD_E_URI', details: { value: text } });
      expect((error as FlimdError).details.expected).toContain('tcp:host:port');
      expect((error as FlimdError).details.action).toBeTruthy();
    }
  });

  it.each([
    ['usb:', { kind: 'usb', vendor: 0x1209, product: 1, serial: null }],
    ['usb:04b4:00F1', { kind: 'usb', vendor: 0x4b4, product: 0xf1, serial: null }],
    ['usb:serial=SN%207', { kind: 'usb', vendor: 0x1209, product: 1, serial: 'SN 7' }],
    ['pcie:', { kind: 'pcie', device: null, serial: null }],
    ['pcie:serial=SN%207', { kind: 'pcie', device: null, serial: 'SN 7' }],
    ['pcie:xdma1', { kind: 'pcie', device: '/dev/xdma1', serial: null }],
    ['pcie:/dev/xdma0', { kind: 'pcie', device: '/dev/xdma0', serial: null }],
    ['pcie:/run/flimd/xdma0', { kind: 'pcie', device: '/run/flimd/xdma0', serial: null }],
  ])('reads %s', (text, uri) => {
    expect(parseCameraUri(text)).toEqual(uri);
  });
});
