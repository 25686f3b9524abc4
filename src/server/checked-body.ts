import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { FlimdError } from '../protocol/errors.js';

/** The checked body; none is as good as an empty one. Throws FLIMD_E_REQUEST. */
export function checkedBody<T>(request: FastifyRequest, schema: z.ZodType<T>): T {
  const result = schema.safeParse(request.body ?? {});
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const at = issue.path.join('.');
  throw new FlimdError('FLIMD_E_REQUEST', `${at || 'the body'} is not valid: ${issue.message}`, {
    value: at ? (request.body as Record<string, unknown>)[at] : request.body,
    expected: expectation(schema),
    action: 'see docs/api.md',
  });
}

function expectation(schema: z.ZodType): string {
  const names = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  return names.length > 0 ? `a JSON object with, optionally, ${names.join(', ')}` : 'no body';
}
