import { cpus } from 'node:os';
import type { CheckResult } from './check.js';
import type { ValidationReport } from './validation.js';

/** The report as a page to file, Markdown. */
export function reportPage(report: ValidationReport): string {
  return [
    `# Validation of ${report.camera.serial || 'a camera'}: ${report.verdict}`,
    '',
    ...factsOf(report),
    '',
    '| check | verdict | what was seen | s |',
    '| --- | --- | --- | --- |',
    ...report.checks.map(row),
    '',
    ...report.checks.filter(({ verdict }) => verdict !== 'skipped').flatMap(details),
  ].join('\n');
}

function factsOf({ camera, model, options, flimd, node, startedAt }: ValidationReport): string[] {
  const facts: [string, string][] = [
    ['begun', startedAt],
    ['camera', `\`${camera.uri}\`, ${camera.kind}, serial number \`${camera.serial}\``],
    ['bitstream', `\`${camera.bitstreamId}\`, firmware ${camera.firmware}`],
    [
      'image',
      `${camera.width} × ${camera.height} pixels, ${camera.bins} bins of ${camera.binWidthPs} ps, laser period ${camera.laserPeriodPs} ps`,
    ],
    ['sends', camera.outputs.join(', ')],
    ['network', camera.modelHash === null ? 'none' : `\`${camera.modelHash}\``],
    [
      'compared with',
      model ? `${model.name}, \`${model.hash}\`` : 'nothing: no package here has this network',
    ],
    ['host', `flimd ${flimd}, Node ${node}, ${cpus()[0]?.model ?? 'processor unknown'}`],
    ['frames, seed', `${options.frames}, ${options.seed}`],
  ];
  return ['| | |', '| --- | --- |', ...facts.map(([name, value]) => `| ${name} | ${cell(value)} |`)];
}

const row = ({ name, verdict, summary, why, seconds }: CheckResult): string =>
  `| ${name} | ${verdict} | ${cell(summary ?? why ?? '')} | ${seconds.toFixed(1)} |`;

function details({ name, figures, findings }: CheckResult): string[] {
  return [
    `## ${name}`,
    '',
    ...findings.flatMap(({ text, pixel }) => [
      `- ${text}`,
      ...(pixel ? ['', '  ```json', `  ${JSON.stringify(pixel)}`, '  ```'] : []),
    ]),
    ...(findings.length > 0 ? [''] : []),
    '| figure | value |',
    '| --- | --- |',
    ...Object.entries(figures).map(([figure, value]) => `| ${figure} | ${cell(inWords(value))} |`),
    '',
  ];
}

function inWords(value: CheckResult['figures'][string]): string {
  if (typeof value === 'number')
    return String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
  return value === null ? 'not told' : [value].flat().join(', ');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
