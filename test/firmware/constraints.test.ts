import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { boards } from '../../src/fpga/boards.js';
import { describeWithTool } from '../support/tools.js';
import { root, VendorBuild } from './support/vendor-script.js';

/** The constraints that the scripts make for a board, its sensor's clock as given. */
function generatedConstraints(board: string, sensorMHz: number): string {
  const build = new VendorBuild(board);
  const mutation = `rename note_read noted
    proc note_read {array name operation} {
      if {$name eq "sensor_mhz"} { set ::board(sensor_mhz) ${sensorMHz} }
      noted $array $name $operation
    }`;
  try {
    expect(build.run('hls').errors).toBe('');
    expect(build.run('vivado', {}, mutation).errors).toBe('');
    return readFileSync(build.file('clocks.xdc'), 'utf8');
  } finally {
    build.remove();
  }
}

describeWithTool('tclsh', 'constraints made from the settings', () => {
  // The data may change until 2 ns behind the falling edge, and from 2 ns before it on.
  it.each([
    [100, '10.000', '7.000', '3.000'],
    [80, '12.500', '8.250', '4.250'],
  ])("follow the sensor's clock: %d MHz", (sensorMHz, period, latest, earliest) => {
    const text = generatedConstraints('kc705', sensorMHz);
    const ports = '[get_ports {sensor_valid sensor_pixel[*] sensor_bin[*]}]';
    expect(text).toContain(`create_clock -name sensor_clk -period ${period} [get_ports sensor_clk]`);
    expect(text).toContain(`set_input_delay -clock sensor_clk -max ${latest} ${ports}`);
    expect(text).toContain(`set_input_delay -clock sensor_clk -min ${earliest} ${ports}`);
  });

  it.each(boards.map(({ name, sensor }) => [name, sensor.clockMHz] as const))(
    '%s: leave the clock of the oscillator to the clocking wizard',
    (name, sensorMHz) => {
      const text = generatedConstraints(name, sensorMHz);
      expect(text).toContain('create_clock');
      expect(text).not.toContain('sys_clk');
    },
  );
});

describe.each(boards)('firmware/boards/$name/timing.xdc', ({ name }) => {
  const text = readFileSync(path.join(root, 'firmware/boards', name, 'timing.xdc'), 'utf8');
  const paragraphs = text.split('\n\n');

  it.each(['set_input_delay', 'set_output_delay', 'CONFIG_VOLTAGE', 'CFGBVS', 'BITSTREAM.CONFIG'])(
    'marks what it assumes with CHECK: %s',
    (assumption) => {
      const assumed = paragraphs.filter((paragraph) => paragraph.includes(assumption));
      expect(assumed.filter((paragraph) => !paragraph.includes('CHECK'))).toEqual([]);
    },
  );

  it('tells the voltage of the configuration banks', () => {
    expect(text).toMatch(/CHECK.*\nset_property CFGBVS/);
  });

  it("leaves the sensor's delays to the settings", () => {
    expect(text).not.toMatch(/-clock sensor_clk/);
  });
});
