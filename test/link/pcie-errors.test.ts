import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isDriverTimeout, nodeLostError, nodeOpenError } from '../../src/link/pcie-errors.js';

const { errno } = constants;

describe('errors of the device nodes', () => {
  it.each([
    ['ENOENT', errno.ENOENT, /there is no/, /flimd devices/],
    ['EACCES', errno.EACCES, /may not open/, /udev|rules/],
    ['EPERM', errno.EPERM, /may not open/, /rules/],
    ['EBUSY', errno.EBUSY, /another program/, /fuser/],
    ['ENODEV', errno.ENODEV, /is gone/, /rescan/],
    ['ENOTCONN', errno.ENOTCONN, /is gone/, /rescan/],
    ['EINVAL', errno.EINVAL, /cannot be opened/, /dmesg/],
  ])('say why a node cannot be opened: %s', (name, code, message, action) => {
    const error = nodeOpenError('/dev/xdma0_user', -code);
    expect(error.code).toBe('FLIMD_E_LINK_OPEN');
    expect(error.message).toMatch(message);
    expect(error.details.value).toBe(`/dev/xdma0_user: ${name}`);
    expect(error.details.action).toMatch(action);
  });

  it.each([
    ['ENODEV', errno.ENODEV, 'FLIMD_E_LINK_LOST', /is gone/],
    ['EIO', errno.EIO, 'FLIMD_E_LINK_LOST', /DMA engine/],
    ['EFAULT', errno.EFAULT, 'FLIMD_E_LINK_LOST', /does not work/],
    ['EPROTO', errno.EPROTO, 'FLIMD_E_INTERNAL', /refuses how/],
  ])('say why an open node is lost: %s', (name, result, code, message) => {
    const error = nodeLostError('/dev/xdma0_c2h_0', -result);
    expect(error).toMatchObject({ code, details: { value: `/dev/xdma0_c2h_0: ${name}` } });
    expect(error.message).toMatch(message);
  });

  it('tell the time-outs of the driver from failures', () => {
    expect([-errno.ETIMEDOUT, -512, -errno.EIO, 0, 4].map(isDriverTimeout)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
