import { expect, it } from 'vitest';
import { describeWithTool } from '../support/tools.js';
import { VendorBuild } from './support/vendor-script.js';

// The stand-in runs every script as Tcl 8.5 would: this is the proof that it does.
describeWithTool('tclsh', 'the stand-in, for scripts that Tcl 8.5 must run', () => {
  it.each([
    ['lmap x {1 2} { incr x }', 'invalid command name "lmap"'],
    ['try { set x 1 } finally { set x 2 }', 'invalid command name "try"'],
    ['throw FLIMD text', 'invalid command name "throw"'],
    ['string cat a b', 'unknown or ambiguous subcommand "cat"'],
    ['dict map {k v} {a 1} { incr v }', 'unknown or ambiguous subcommand "map"'],
    ['binary encode hex a', 'unknown or ambiguous subcommand "encode"'],
    ['set tree {a {}}; lset tree 1 end+1 b', 'lset of Tcl 8.5 does not append'],
    ['lsort -stride 2 {b 1 a 2}', 'lsort of Tcl 8.5 has no -stride'],
  ])('has no %s', (later, complaint) => {
    const build = new VendorBuild('kc705');
    const run = build.run('hls', {}, `rename set_top {}; proc set_top {name} { ${later} }`);
    build.remove();
    expect(run.errors).toContain(complaint);
    expect(run.exitCode).toBe(1);
  });
});
