import { configKeys, type ConfigKey } from './keys.js';

const PREAMBLE = `# Configuration

Generated from \`src/config/schema.ts\`; change it there.

\`flimd serve\` reads \`flimd.config.yaml\` or \`flimd.config.json\` in the working directory, or the file given with \`--config\`. Everything has a default, so there need not be one. The environment variable \`FLIMD_TOKEN\` sets \`server.token\` over the file; flags go over both. A key that is not in these tables, or a value out of its range, stops the start with \`FLIMD_E_CONFIG\`, the file and the line. [config.schema.json](config.schema.json) is the same as a JSON Schema, for editors that complete and check.

\`\`\`yaml
camera: tcp:127.0.0.1:9870
server:
  port: 8651
lifetime:
  mode: shadow
  minPhotons: 50
log:
  level: debug
\`\`\`
`;

/** docs/configuration.md: every key with its type, range, default and meaning. */
export function configReference(): string {
  const topLevel = configKeys.filter((key) => !key.section && !key.path.includes('.'));
  const parts = [PREAMBLE, table(topLevel)];
  for (const section of configKeys.filter((key) => key.section)) {
    const members = configKeys.filter((key) => key.path.startsWith(`${section.path}.`));
    parts.push(`## ${section.path}\n${capitalised(section.meaning)}.\n`, table(members));
  }
  return parts.join('\n');
}

function table(keys: readonly ConfigKey[]): string {
  const rows = keys.map(
    (key) => `| \`${key.path}\` | ${key.expected} | ${initial(key.default)} | ${key.meaning} |`,
  );
  return ['| key | value | default | meaning |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function initial(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value) && value.length === 0) return 'empty';
  return `\`${String(value)}\``;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
