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

  it.each(['usb:', 'usb:1234:5678', 'pcie:/dev/xdma0'])('says of %s that it is not built yet', (text) => {
    expect(() => parseCameraUri(text)).toThrow(/not built yet/);
    expect(() => parseCameraUri(text)).toThrow(expect.objectContaining({ code: 'FLIMD_E_URI' }));
  });
});
