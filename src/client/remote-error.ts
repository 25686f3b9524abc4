import { FlimdError, type ErrorBody } from '../protocol/errors.js';

/** An error that came as data, as an error again. */
export function remoteError({ code, message, ...details }: ErrorBody): FlimdError {
  return new FlimdError(code, message, details);
}
