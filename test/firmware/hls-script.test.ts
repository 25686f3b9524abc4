import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWithTool } from '../support/tools.js';
import { reportFixture, VendorBuild } from './support/vendor-script.js';

describeWithTool('tclsh', 'the synthesis script of the lifetime core', () => {
  let build: VendorBuild;
  beforeEach(() => {
    build = new VendorBuild('kc705');
  });
  afterEach(() => build.remove());

  const exported = () => existsSync(build.file('hls', 'ip', 'component.xml'));

  it('simulates, synthesizes, judges and exports, in this order', () => {
    const run = build.run('hls');
    expect(run.errors).toBe('');
    expect(run.exitCode).toBe(0);
    const steps = run.calls.map((call) => call.split(' ')[0]!).filter((call) => call.endsWith('_design'));
    expect(steps).toEqual(['csim_design', 'csynth_design', 'export_design']);
    expect(run.calls).toContain('set_part xc7k325tffg900-2');
    expect(run.calls).toContain('create_clock -period 5.000 -name core_clk');
    expect(exported()).toBe(true);
    expect(readFileSync(build.file('hls', 'version'), 'utf8')).toBe('2023.1\n');
  });

  it.each([
    ['missed', 'has an initiation interval of 2 (target 1)'],
    ['unpipelined', 'is not pipelined (target 1)'],
    ['slow', 'the estimated clock is 6.91 ns (target 5.00 ns)'],
    ['lost', 'is not in the report'],
    ['torn', 'the report ends inside'],
  ])('exports nothing on a report like %s.xml', (fixture, complaint) => {
    const run = build.run('hls', { STANDIN_CSYNTH: reportFixture(fixture) });
    expect(run.exitCode).toBe(1);
    expect(run.errors).toContain(complaint);
    expect(exported()).toBe(false);
    expect(run.calls.some((call) => call.startsWith('export_design'))).toBe(false);
  });

  it('refuses a dirty tree before it begins', () => {
    const run = build.run('hls', { TREE: '?? hls/notes.txt' });
    expect(run.exitCode).toBe(1);
    expect(run.errors).toContain('hls/notes.txt');
    expect(run.calls.some((call) => call.startsWith('open_project'))).toBe(false);
  });

  it('names pins that nobody has given before it begins', () => {
    const carrier = new VendorBuild('k7-fx3');
    const run = carrier.run('hls', { FLIMD_PINS: '' });
    carrier.remove();
    expect(run.exitCode).toBe(1);
    expect(run.errors).toContain('no pin is known for fx3_pktend_n');
    expect(run.calls.some((call) => call.startsWith('open_project'))).toBe(false);
  });

  it('refuses headers made from another model', () => {
    const mutation = `rename note_read noted
      proc note_read {array name operation} {
        if {$name eq "model_hash"} { set ::board(model_hash) [string repeat ab 32] }
        noted $array $name $operation
      }`;
    const run = build.run('hls', {}, mutation);
    expect(run.exitCode).toBe(1);
    expect(run.errors).toContain('was not made for kc705 with the model cells-12.5ns-32: kModelHash');
  });
});
