import { errorBody, type ErrorBody, FlimdError } from '../protocol/errors.js';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const usageCodes = new Set<string>([
  'FLIMD_E_CONFIG',
  'FLIMD_E_URI',
  'FLIMD_E_SCENE',
  'FLIMD_E_BIND_NEEDS_TOKEN',
  'FLIMD_E_MODEL_NOT_FOUND',
]);

/** Ends the process with what went wrong, for a person or, with `--json`, for a program; both on standard error. */
export function exitWith(error: unknown, json: boolean): never {
  const body = errorBody(partNotInstalled(error) ?? error);
  process.stderr.write(json ? `${JSON.stringify({ error: body })}\n` : describe(body));
  if (body.code === 'FLIMD_E_INTERNAL' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(usageCodes.has(body.code) ? EXIT_USAGE : EXIT_FAILED);
}

/** An installation for a service (packaging/debian) comes without what only training needs. */
function partNotInstalled(error: unknown): FlimdError | null {
  const { code, message } = error as NodeJS.ErrnoException;
  const name = code === 'ERR_MODULE_NOT_FOUND' ? /'(@tensorflow\/[^']*)'/.exec(message)?.[1] : undefined;
  if (name === undefined) return null;
  return new FlimdError('FLIMD_E_NOT_INSTALLED', 'this installation cannot train networks', {
    value: `no package ${name}`,
    expected: 'a checkout of the sources, with all its packages',
    action: 'run `npm ci && npm run build` in a checkout, and the command there as `npx flimd …`',
  });
}

function describe(body: ErrorBody): string {
  const lines = [`flimd: ${body.message} [${body.code}]`];
  if (body.value !== undefined)
    lines.push(`  found:    ${typeof body.value === 'string' ? body.value : JSON.stringify(body.value)}`);
  if (body.expected) lines.push(`  expected: ${body.expected}`);
  if (body.action) lines.push(`  to do:    ${body.action}`);
  return `${lines.join('\n')}\n`;
}
