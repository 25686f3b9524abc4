// The training runs, and how to make the study again.
import { table } from '../../generate/markdown.mjs';
import { fixed, paragraphs, whole } from '../format.mjs';
import { arithmeticName, networkName, networksOf, trainingName } from '../networks.mjs';

/** The one command that makes compression.json and this page. */
const STUDY_COMMAND = 'npm run study';
/** The one that makes the page alone. */
const REPORT_COMMAND = 'node scripts/compression-report.mjs';

export function trainingSection(study, chart) {
  const lossChart = chart('training-loss', 'Training loss against steps');
  return paragraphs(
    '## Training runs',
    lossChart,
    lossChart &&
      'Losses of different kinds have different terms (KD adds those of the teacher): only curves of one panel can be compared. The first twentieth of a run may lie above its panel.',
    table(
      ['network', 'training', 'arithmetic', 'steps', 'wall time (min)'],
      networksOf(study)
        .flat()
        .map((row) => [
          networkName(row),
          trainingName(row),
          arithmeticName(row),
          whole(row.steps),
          fixed(row.wallSeconds / 60, 1),
        ]),
    ),
  );
}

export function againSection() {
  return paragraphs(
    '## How to make this again',
    `\`\`\`\n${STUDY_COMMAND}\n\`\`\``,
    `makes the networks, compression.json and this page. \`${REPORT_COMMAND}\` makes the page and its charts from compression.json alone (after \`npm run build\`); with \`--check\` it writes nothing and fails where they are stale.`,
  );
}
