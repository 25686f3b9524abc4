/** Every error flimd reports has one of these codes. Written once here; docs/errors.md is generated from it. */
export const errorCodes = {
  FLIMD_E_CONFIG: 'a configuration value, flag or file is not valid',
  FLIMD_E_URI: 'a camera or listen address is not understood',
  FLIMD_E_PORT_IN_USE: 'another program listens on the port',
  FLIMD_E_BIND_NEEDS_TOKEN: 'listening beyond loopback needs a token',
  FLIMD_E_UNAUTHORIZED: 'the request carries no valid token',
  FLIMD_E_ORIGIN: 'the request comes from a web page of another origin',
  FLIMD_E_REQUEST: 'a request or message is malformed',
  FLIMD_E_RATE_LIMIT: 'a client sends too much',
  FLIMD_E_TOO_MANY_CLIENTS: 'no room for another stream client',
  FLIMD_E_SLOW_CLIENT: 'a stream client does not keep up with what it is sent',
  FLIMD_E_STATE: 'the verb is not possible in the present state',
  FLIMD_E_LINK_OPEN: 'the camera link cannot be opened',
  FLIMD_E_LINK_LOST: 'the camera link broke',
  FLIMD_E_LINK_TIMEOUT: 'the camera did not answer in time',
  FLIMD_E_LINK_REFUSED: 'the camera refused the request',
  FLIMD_E_NOT_A_CAMERA: 'what answers is not a flimd camera, or of another version',
  FLIMD_E_DEVICE: 'the camera reports a fault',
  FLIMD_E_ALARM: 'the slow control of the camera raised an alarm',
  FLIMD_E_LIMITS: 'a set-point is outside the limits of the camera',
  FLIMD_E_CAPABILITY: 'the camera cannot do what is asked',
  FLIMD_E_MODEL_FILE: 'a model package cannot be read or is damaged',
  FLIMD_E_MODEL_NOT_FOUND: 'no model package fits',
  FLIMD_E_MODEL_BIN_WIDTH: 'the detector bins do not fit the gates of the model',
  FLIMD_E_MODEL_GATES: 'the detector window does not hold the gates of the model',
  FLIMD_E_MODEL_LASER_PERIOD: 'the laser period is not the one the model was trained for',
  FLIMD_E_MODEL_HASH: 'device and host have different models',
  FLIMD_E_NATIVE_MISSING: 'the native kernels are not built or do not load',
  FLIMD_E_NOT_INSTALLED: 'this installation of flimd lacks the part that is asked for',
  FLIMD_E_RECORDING: 'a recording cannot be read',
  FLIMD_E_RECORDING_DIRECTORY: 'the folder for recordings is missing or cannot be written to',
  FLIMD_E_RECORDING_EXISTS: 'there is a recording of that name already',
  FLIMD_E_RECORDING_DISK_FULL: 'there is no room left for the recording',
  FLIMD_E_RECORDING_WRITE: 'the recording cannot be written',
  FLIMD_E_EXPORT_CONTENT: 'the recording does not hold what an export asks for',
  FLIMD_E_EXPORT_LIMIT: 'the format of an export cannot hold the recording',
  FLIMD_E_EXPORT_EXISTS: 'there is a file of the name of an export already',
  FLIMD_E_EXPORT_DISK_FULL: 'there is no room left for an exported file',
  FLIMD_E_EXPORT_WRITE: 'an exported file cannot be written',
  FLIMD_E_EXPORT_INTERRUPTED: 'an export was interrupted; nothing of it is left',
  FLIMD_E_SCENE: 'a scene description is not valid',
  FLIMD_E_TRAINING: 'a training run cannot go on',
  FLIMD_E_STUDY: 'the figures of a compression study cannot be read',
  FLIMD_E_INTERNAL: 'a defect in flimd; please report it',
} as const;

export type ErrorCode = keyof typeof errorCodes;

export interface ErrorDetails {
  /** The value that was wrong. */
  value?: unknown;
  /** What was expected instead. */
  expected?: string;
  /** What to do about it. */
  action?: string;
}

/** The JSON form of an error, in REST answers, stream messages and `--json` output. */
export interface ErrorBody extends ErrorDetails {
  code: ErrorCode;
  message: string;
}

export class FlimdError extends Error {
  override readonly name = 'FlimdError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  toJSON(): ErrorBody {
    return { code: this.code, message: this.message, ...this.details };
  }
}

/** Any thrown value as an error body; what is not a FlimdError is a defect. */
export function errorBody(error: unknown): ErrorBody {
  if (error instanceof FlimdError) return error.toJSON();
  return { code: 'FLIMD_E_INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

/** The error that a body from another thread or process tells of. */
export function errorFromBody({ code, message, ...details }: ErrorBody): FlimdError {
  return new FlimdError(code, message, details);
}
