import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { describeWithTool, findTool } from '../support/tools.js';
import { root } from './support/vendor-script.js';

/** What a Tcl expression gives with the HLS scripts loaded, or the message of its error. */
function evaluate(expression: string): string {
  const sources = ['firmware/scripts/settings.tcl', 'hls/scripts/loop_targets.tcl'];
  const load = sources.map((file) => `source {${path.join(root, file)}}`).join('\n');
  const script = `${load}\ncatch {${expression}} result\nputs -nonewline $result\n`;
  return spawnSync(findTool('tclsh')!, [], { input: script, encoding: 'utf8' }).stdout;
}

const pipelinedLoops = (text: string) => evaluate(`flimd::pipelined_loops {${text}}`);

describeWithTool('tclsh', 'the intervals that loops of the core are meant to reach', () => {
  it('belong to the innermost named loop', () => {
    const nested =
      'FLIMD_LOOP(units) for (;;) { FLIMD_LOOP(columns) FLIMD_ROLLED for (;;) { FLIMD_PIPELINE(1) } }';
    expect(pipelinedLoops(nested)).toBe('columns 1');
    expect(pipelinedLoops(`${nested} FLIMD_LOOP(words) for (;;) { FLIMD_PIPELINE(2) }`)).toBe(
      'columns 1 words 2',
    );
  });

  it('are not read from comments and definitions', () => {
    expect(pipelinedLoops('// FLIMD_PIPELINE(1)\n#define FLIMD_PIPELINE(interval) x\n')).toBe('');
  });

  it('need a name: the report could not tell of the loop', () => {
    expect(pipelinedLoops('for (;;) { FLIMD_PIPELINE(1) }')).toContain('a loop without FLIMD_LOOP');
    const inner = 'FLIMD_LOOP(units) for (;;) { for (;;) { FLIMD_PIPELINE(1) } }';
    expect(pipelinedLoops(inner)).toContain('after "units"');
  });

  it('are those of all that the top includes', () => {
    const top = path.join(root, 'hls/vendor/flimd_core_axis.cpp');
    const targets = evaluate(`flimd::loop_targets {${top}} {}`);
    for (const name of ['gather_beats', 'encoder_columns', 'emit_words'])
      expect(targets).toContain(`${name} 1`);
    expect(evaluate(`flimd::loop_targets {${top}} {no_such_loop}`)).toContain(
      'no pipelined loop no_such_loop',
    );
  });
});
