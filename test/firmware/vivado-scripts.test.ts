import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { boards } from '../../src/fpga/boards.js';
import { describeWithTool } from '../support/tools.js';
import { REVISION, VendorBuild } from './support/vendor-script.js';

const names = boards.map((board) => board.name);

describeWithTool('tclsh', 'the vendor scripts under recording stand-ins', () => {
  const builds: VendorBuild[] = [];
  /** A build whose lifetime core is exported. */
  function withCore(board: string): VendorBuild {
    const build = new VendorBuild(board);
    builds.push(build);
    expect(build.run('hls').errors).toBe('');
    return build;
  }
  let build: VendorBuild;
  beforeEach(() => {
    build = withCore('kc705');
  });
  afterEach(() => {
    while (builds.length) builds.pop()!.remove();
  });

  const sheet = (of: VendorBuild) => JSON.parse(readFileSync(of.file(`flimd-${of.board}.json`), 'utf8'));
  const bitstream = (of: VendorBuild) => of.file(`flimd-${of.board}.bit`);

  it.each(names)('%s: from the settings to a stamped bitstream', (name) => {
    const board = withCore(name);
    const run = board.run('vivado');
    expect(run.errors).toBe('');
    expect(run.exitCode).toBe(0);
    expect(existsSync(bitstream(board))).toBe(true);
    expect(sheet(board)).toMatchObject({
      board: name,
      sourceRevision: REVISION.slice(0, 16),
      modelHash: '1d7002b82b0b7c1b',
      bitstreamId: expect.stringMatching(/^[0-9a-f]{32}$/),
      setupSlackNs: '0.112',
    });
    const order = [
      'create_project',
      'validate_bd_design',
      'launch_runs synth_1',
      'launch_runs impl_1',
      'write_bitstream',
    ];
    const places = order.map((command) => run.calls.findIndex((call) => call.startsWith(command)));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it.each(names)('%s: every setting of the board is used', (name) => {
    const board = withCore(name);
    const hls = board.run('hls');
    const vivado = board.run('vivado');
    const read = new Set([...hls.settingsRead, ...vivado.settingsRead]);
    expect(vivado.settings.length).toBeGreaterThan(20);
    expect(vivado.settings.filter((setting) => !read.has(setting))).toEqual([]);
  });

  it('puts the stamp into the generics, byte 0 lowest', () => {
    const { calls } = build.run('vivado');
    const generics = calls.find((call) => call.startsWith('set_property GENERIC'))!;
    expect(generics).toContain("SOURCE_REVISION=64'hefcdab8967452301");
    expect(generics).toContain("MODEL_HASH=64'h1b7c0b2bb802701d");
    expect(generics).toContain(
      `SERIAL=128'h${'00'.repeat(9)}${Buffer.from('KC705-1').reverse().toString('hex')}`,
    );
  });

  it.each([
    ['STATS.WNS=-0.001', 'setup slack is -0.001 ns'],
    ['STATS.WHS=-0.2', 'hold slack is -0.2 ns'],
    ['STATS.TPWS=-0.5', 'pulse_width slack is -0.5 ns'],
    ['STATS.WNS=', 'no setup slack was reported'],
    ['STATS.FAILED_NETS=3', 'nets that are not routed: "3"'],
  ])('refuses a bitstream with %s', (stats, reason) => {
    const run = build.run('vivado', { STANDIN_STATS: stats });
    expect(run.exitCode).toBe(1);
    expect(run.errors).toContain(reason);
    expect(run.calls.some((call) => call.startsWith('write_bitstream'))).toBe(false);
    expect(existsSync(bitstream(build))).toBe(false);
    expect(existsSync(build.file('reports', 'timing.rpt'))).toBe(true);
  });

  it.each([
    ['no_clock=7', 'registers without a clock: 7'],
    ['unconstrained_internal_endpoints=12', 'unconstrained internal endpoints: 12'],
    ['no_clock=', 'no count of registers without a clock was reported'],
    ['unconstrained_internal_endpoints=', 'no count of unconstrained internal endpoints was reported'],
  ])('refuses a bitstream whose parts are not all timed: %s', (untimed, reason) => {
    const run = build.run('vivado', { STANDIN_UNTIMED: untimed });
    expect(run.exitCode).toBe(1);
    expect(run.errors).toContain(reason);
    expect(run.errors).toContain('check-timing.rpt');
    expect(existsSync(bitstream(build))).toBe(false);
  });

  it.each(['synth_1', 'impl_1'])('stops where %s stops', (runName) => {
    const run = build.run('vivado', { STANDIN_FAILING_RUN: runName });
    expect(run.exitCode).toBe(1);
    expect(run.errors).toContain(`${runName} stopped at 34%`);
    expect(existsSync(bitstream(build))).toBe(false);
  });

  it('refuses a dirty tree, and stamps 0 where it is allowed', () => {
    const TREE = ' M firmware/rtl/crc32c.sv';
    const refused = build.run('vivado', { TREE });
    expect(refused.exitCode).toBe(1);
    expect(refused.errors).toContain('firmware/rtl/crc32c.sv');
    expect(refused.calls.filter(Boolean).some((call) => call.startsWith('create_project'))).toBe(false);

    const clean = build.run('vivado');
    expect(clean.exitCode).toBe(0);
    const cleanId = sheet(build).bitstreamId;
    const allowed = build.run('vivado', { TREE, FLIMD_ALLOW_DIRTY: '1' });
    expect(allowed.exitCode).toBe(0);
    expect(allowed.calls.join('\n')).toContain("SOURCE_REVISION=64'h0000000000000000");
    expect(sheet(build).sourceRevision).toBe('');
    expect(sheet(build).bitstreamId).not.toBe(cleanId);
  });

  it('gives the same id to the same sources and tools', () => {
    build.run('vivado');
    const first = sheet(build).bitstreamId;
    build.run('vivado');
    expect(sheet(build).bitstreamId).toBe(first);
  });

  it('names the pins that only a lab can know', () => {
    const run = withCore('k7-fx3').run('vivado', { FLIMD_PINS: '' });
    expect(run.exitCode).toBe(1);
    expect(run.errors).toContain('fx3_pktend_n, fx3_flagc, fx3_flagd, sensor_clk');
    expect(run.calls.some((call) => call.startsWith('create_project'))).toBe(false);
  });

  it('refuses a pin that is given twice', () => {
    const pins = build.file('pins.tcl');
    writeFileSync(pins, 'pin {led[1]} AD12 LVCMOS15\n');
    const run = build.run('vivado', { FLIMD_PINS: pins });
    expect(run.exitCode).toBe(1);
    expect(run.errors).toContain('pin AD12 is given to sys_clk_p and to led[1]');
  });

  it('refuses a name that is no board', () => {
    const run = build.run('vivado', { FLIMD_BOARD: 'kc706' });
    expect(run.exitCode).toBe(1);
    expect(run.errors).toContain('kc706');
    expect(run.errors).toContain('k7-fx3, kc705');
  });

  /** The stand-in must notice what is wrong in a script or in a source: each of these takes one thing away from it. */
  it.each([
    [
      'a pin of a vendor IP',
      'dict unset recorded::ip_catalog xilinx.com:ip:xdma:4.1 pins axi_aresetn',
      'has no pins axi_aresetn',
    ],
    [
      'a setting of a vendor IP',
      'dict set recorded::ip_catalog xilinx.com:ip:proc_sys_reset:5.0 settings {}',
      'has no setting',
    ],
    [
      'an IP',
      'dict unset recorded::ip_catalog xilinx.com:ip:smartconnect:1.0',
      'has no IP xilinx.com:ip:smartconnect',
    ],
    [
      'one more input of the core',
      'proc recorded::add_core_ip {shape} { dict lappend shape must model_hash; dict lappend shape pins model_hash I; dict set ::recorded::ip_catalog flimd:hls:flimd_core_axis:1.0 $shape }',
      'lifetime_core/model_hash is not connected',
    ],
    [
      'the other name of a stream of the core',
      'rename recorded::add_core_ip recorded::given; proc recorded::add_core_ip {shape} { given [string map {s_axis_histograms s_axis_counts} $shape] }',
      'has no interfaces s_axis_histograms',
    ],
    [
      'a port of the top',
      'rename recorded::top_header recorded::header; proc recorded::top_header {} { string map {pcie_perst_n perst} [header] }',
      'the top has no port pcie_perst_n',
    ],
    [
      'a pin for a port of the top',
      'rename recorded::top_port_bits recorded::bits; proc recorded::top_port_bits {} { concat [bits] fan_pwm }',
      'these ports have no pin: port:fan_pwm',
    ],
    [
      'a parameter of the top',
      'rename recorded::top_header recorded::header; proc recorded::top_header {} { string map {WORD_BITS DEPTH_BITS} [header] }',
      'do not fit the parameters',
    ],
    [
      'a property of ports',
      'dict set recorded::kind_properties port {PACKAGE_PIN}',
      'a port has no property IOSTANDARD',
    ],
    [
      'source of the clock of the oscillator',
      'rename create_project begun; proc create_project {args} { proc ::flimd::link_clocks {} { return {oscillator 200 sys_clk_p} }; begun {*}$args }',
      'clock oscillator redefines the clock that IP makes of port:sys_clk_p',
    ],
  ])('would notice a missing or another %s', (_, mutation, complaint) => {
    const run = build.run('vivado', {}, mutation);
    expect(run.exitCode).toBe(1);
    expect(run.errors).toContain(complaint);
  });
});
