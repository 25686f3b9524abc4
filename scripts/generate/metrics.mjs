// docs/metrics.md: its tables come from src/metrics.
import { table } from './markdown.mjs';

const code = (text) => `\`${text}\``;

function groupSection({ title, metrics }) {
  const rows = metrics.map(({ name, type, labels, help }) => [
    code(name),
    type,
    (labels ?? []).map(code).join(', '),
    help,
  ]);
  return `### ${title}\n\n${table(['metric', 'type', 'labels', 'meaning'], rows)}`;
}

export const metricsBlocks = (groups) => ({ metrics: groups.map(groupSection).join('\n\n') });
