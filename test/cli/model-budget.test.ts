import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BudgetDescription } from '../../src/fpga/description.js';
import { model } from '../support/run-model.js';

const directory = path.resolve(import.meta.dirname, '../../models/cells-12.5ns-32');

describe('flimd model show --fpga', () => {
  it('adds the budget of a board to the words', async () => {
    const without = await model('show', directory);
    const words = await model('show', directory, '--fpga', 'kc705');
    expect(words.startsWith(without)).toBe(true);
    const budget = words.slice(without.length);
    expect(budget).toContain('xc7k325tffg900-2, core at 200 MHz. All estimated');
    expect(budget).toContain('does not fit: dsps');
    expect(budget).toMatch(/512 × 512 .* needs external memory, not built/);
    expect(budget).toContain('published     Lin et al. 2024');
  });

  it('and to the description for programs, as a member of its own', async () => {
    const without = JSON.parse(await model('show', directory, '--json')) as Record<string, unknown>;
    const shown = JSON.parse(await model('show', directory, '--json', '--fpga', 'k7-fx3')) as {
      fpga: BudgetDescription;
    };
    const { fpga, ...rest } = shown;
    expect(rest).toEqual(without);
    expect(fpga).toMatchObject({ board: 'k7-fx3', basis: 'estimated', gates: 32, slowestStage: 'recur' });
    expect(fpga.perLanes.find(({ lanes }) => lanes === fpga.mostLanes)!.fits).toBe(true);
    expect(fpga.frames.map(({ width }) => width)).toEqual([32, 128, 512, 32, 128, 512]);
  });

  it('says where the model does not fit the sensor that the board is set to', async () => {
    const other = path.resolve(directory, '../cells-sdt');
    expect(await model('show', other, '--fpga', 'kc705')).toMatch(
      /sensor +does not fit the board as it is set: .*laser period/,
    );
    const { fpga } = JSON.parse(await model('show', other, '--fpga', 'kc705', '--json')) as {
      fpga: BudgetDescription;
    };
    expect(fpga.sensorProblem).toContain('laser period');
    expect(await model('show', directory, '--fpga', 'kc705')).not.toContain('does not fit the board');
  });

  it('names the boards where it does not know one', async () => {
    await expect(model('show', directory, '--fpga', 'zcu102')).rejects.toMatchObject({
      code: 'FLIMD_E_CONFIG',
      details: { value: 'zcu102', expected: expect.stringContaining('kc705') },
    });
  });
});
