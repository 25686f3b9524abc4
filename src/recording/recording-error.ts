import { type ErrorDetails, FlimdError } from '../protocol/errors.js';

export function recordingError(message: string, details: ErrorDetails = {}, cause?: unknown): FlimdError {
  return new FlimdError('FLIMD_E_RECORDING', message, details, { cause });
}
