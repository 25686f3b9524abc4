import { type ErrorCode, type ErrorDetails, FlimdError } from '../protocol/errors.js';

export function exportError(
  code: Extract<ErrorCode, `FLIMD_E_EXPORT_${string}`>,
  message: string,
  details: ErrorDetails = {},
  cause?: unknown,
): FlimdError {
  return new FlimdError(code, message, details, { cause });
}
