import { expect, it } from 'vitest';
import { crc32c } from '../../src/protocol/crc32c.js';
import { Random } from '../../src/random/random.js';
import { describeWithTool } from '../support/tools.js';
import { runBench, verilate } from './support/verilate.js';

describeWithTool(['verilator', 'g++'], 'crc32c', () => {
  const build = () => verilate({ top: 'crc32c', sources: ['crc32c.sv'], testbench: 'crc32c_tb.cpp' });

  it('steps over four and eight bytes as a bit-by-bit model', async () => {
    expect(await runBench(await build(), [1])).toEqual({ exitCode: 0, stdout: 'ok\n' });
  });

  it("gives the CRC of the protocol's own implementation", async () => {
    const program = await build();
    const random = new Random(5);
    for (const length of [4, 8, 12, 44, 48, 256, 1020]) {
      const bytes = Uint8Array.from({ length }, () => Math.floor(random.uniform() * 256));
      const { stdout } = await runBench(program, [1, Buffer.from(bytes).toString('hex')]);
      expect(Number.parseInt(stdout, 16), `${length} bytes`).toBe(crc32c(bytes));
    }
  });
});
