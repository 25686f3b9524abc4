import type { CheckResult } from './check.js';
import type { ValidationReport } from './validation.js';

const NAME_WIDTH = 16;
const VERDICT_WIDTH = 8;
const MOST_FINDINGS = 8;

/** What is being proven, in two lines. */
export function subjectLines(camera: ValidationReport['camera']): string {
  const kind = camera.kind === 'fpga' ? 'FPGA' : 'virtual camera';
  return [
    `${camera.uri}: ${kind} ${camera.serial}, firmware ${camera.firmware}, bitstream ${camera.bitstreamId}`,
    `  ${camera.width} × ${camera.height} pixels, ${camera.bins} bins of ${camera.binWidthPs} ps, ` +
      `laser period ${camera.laserPeriodPs} ps; sends ${camera.outputs.join(', ')}; network ${camera.modelHash ?? 'none'}`,
    '',
  ].join('\n');
}

/** A check in a line, and below it what is wrong. */
export function resultLines({ name, verdict, why, summary, findings }: CheckResult): string {
  const word = verdict === 'failed' ? 'FAILED' : verdict;
  const head = `${word.padEnd(VERDICT_WIDTH)} ${name.padEnd(NAME_WIDTH)} ${summary ?? why}\n`;
  const shown = findings.slice(0, MOST_FINDINGS).map(({ text }) => `           - ${text}\n`);
  const more = findings.length - shown.length;
  return [
    head,
    ...shown,
    ...(more > 0 ? [`           - and ${more} more: see --json or --report\n`] : []),
  ].join('');
}

export function verdictLine({ verdict, checks }: ValidationReport): string {
  const count = (wanted: CheckResult['verdict']): number =>
    checks.filter((check) => check.verdict === wanted).length;
  const counts = `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
  const words = {
    passed: 'nothing that was looked at is wrong',
    failed: 'the camera is not what it should be',
    interrupted: 'interrupted: nothing is proven',
  };
  return `${counts}: ${words[verdict]}\n`;
}
