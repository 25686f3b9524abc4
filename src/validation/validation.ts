import type { Acquisition } from '../acquisition/acquisition.js';
import type { Camera } from '../camera/camera.js';
import { shortHash } from '../lifetime/model-library.js';
import { errorBody, FlimdError } from '../protocol/errors.js';
import { HistogramSource } from '../protocol/registers.js';
import type { CameraDescription } from '../protocol/stream.js';
import { version } from '../version.js';
import { CameraUnderTest, defaultValidationOptions, type ValidationOptions } from './camera-under-test.js';
import { type Check, type CheckResult, finding, type Outcome } from './check.js';
import { clockCheck } from './checks/clock.js';
import { identityCheck } from './checks/identity.js';
import { injectedFramesCheck } from './checks/injected-frames.js';
import { modelCheck } from './checks/model.js';
import { rateCheck } from './checks/rate.js';
import { registersCheck } from './checks/registers.js';
import { runControlCheck } from './checks/run-control.js';
import { sensorFramesCheck } from './checks/sensor-frames.js';
import { chooseJudge } from './judge-choice.js';
import { readConfiguration } from './register-image.js';

/** In the order in which they are made: what a later one relies on comes first. */
export const checks: readonly Check[] = [
  identityCheck,
  modelCheck,
  registersCheck,
  injectedFramesCheck,
  sensorFramesCheck,
  runControlCheck,
  clockCheck,
  rateCheck,
];

export interface ValidationReport {
  /** Version of flimd. */
  flimd: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  node: string;
  camera: CameraDescription;
  /** The package that lifetimes were compared with; null where nobody could judge them. */
  model: { name: string; hash: string } | null;
  options: ValidationOptions;
  /** A check failed, or all passed or were skipped; interrupted: it was ended before the end. */
  verdict: 'passed' | 'failed' | 'interrupted';
  checks: CheckResult[];
}

export interface ValidationParts {
  camera: Camera;
  acquisition: Acquisition;
  /** Name or directory of the model package in the bitstream; without it the one here with its hash. */
  model?: string;
  /** Names of the checks to make; without it all. */
  only?: readonly string[];
  options?: Partial<ValidationOptions>;
  /** Ends in order. */
  signal?: AbortSignal;
  onBegin?(check: Check): void;
  onProgress?(check: Check, done: number, of: number): void;
  onResult?(result: CheckResult): void;
}

/**
 * Proves an opened, idle camera; afterwards it is idle, its configuration as it was, and it measures with its sensor.
 * @throws FlimdError FLIMD_E_MODEL_NOT_FOUND, FLIMD_E_MODEL_FILE of a model named, FLIMD_E_NATIVE_MISSING, or of the
 *   link before the first check; later failures are findings
 */
export async function validateCamera(parts: ValidationParts): Promise<ValidationReport> {
  const { camera, acquisition, only } = parts;
  const startedAt = new Date().toISOString();
  const options = { ...defaultValidationOptions, ...parts.options };
  const choice = await chooseJudge(camera.description, parts.model);
  // A camera left with injected frames would wait for them for ever.
  const configuration = await readConfiguration(camera.registers);
  configuration.set('histogramSource', HistogramSource.sensor);
  const link = watchLink(camera, acquisition);
  const signal = AbortSignal.any([link.broken, ...(parts.signal ? [parts.signal] : [])]);
  const subject = new CameraUnderTest(camera, acquisition, choice, options, configuration, signal);
  const results: CheckResult[] = [];
  try {
    for (const check of checks.filter(({ name }) => !only || only.includes(name))) {
      const result = await make(check, subject, parts);
      results.push(result);
      parts.onResult?.(result);
    }
  } finally {
    link.end();
  }
  return {
    ...{ flimd: version, startedAt, node: process.version, camera: camera.description },
    model: choice.judge && { name: choice.judge.model.name, hash: shortHash(choice.judge.model) },
    options,
    verdict: verdictOf(results, parts.signal?.aborted ?? false),
    checks: results,
  };
}

/** `broken` is aborted with the error when registers or data are gone. */
function watchLink(camera: Camera, acquisition: Acquisition): { broken: AbortSignal; end(): void } {
  const link = new AbortController();
  const lose = (error: FlimdError): void => link.abort(error);
  camera.onLost = lose;
  acquisition.on('lost', lose);
  return { broken: link.signal, end: () => void acquisition.off('lost', lose) };
}

function verdictOf(results: readonly CheckResult[], interrupted: boolean): ValidationReport['verdict'] {
  if (results.some(({ verdict }) => verdict === 'failed')) return 'failed';
  return interrupted ? 'interrupted' : 'passed';
}

/** One check, and the camera idle behind it. */
async function make(check: Check, subject: CameraUnderTest, parts: ValidationParts): Promise<CheckResult> {
  const since = performance.now();
  const { signal } = subject;
  subject.onProgress = (done, of) => parts.onProgress?.(check, done, of);
  if (!signal.aborted) parts.onBegin?.(check);
  const outcome = signal.aborted ? { skipped: reasonOf(signal) } : await attempt(check, subject, parts);
  return resultOf(check, outcome, (performance.now() - since) / 1000);
}

async function attempt(check: Check, subject: CameraUnderTest, parts: ValidationParts): Promise<Outcome> {
  const run = await settled(check.run(subject));
  // Also behind a defect of our own, which is thrown below.
  const idle = await settled(subject.settle());
  if ('error' in run && parts.signal?.aborted) return { skipped: reasonOf(subject.signal) };
  if ('error' in run && subject.signal.aborted) return failure(run.error);
  const outcome = 'error' in run ? failure(run.error) : run.value;
  const left = failureBehind(idle, subject.signal);
  if (!left) return outcome;
  return 'skipped' in outcome ? left : { ...outcome, findings: [...outcome.findings, ...left.findings] };
}

/** What went wrong behind a check. A link that is gone by then is told here: the checks that follow are skipped. */
function failureBehind(
  idle: Settled<void>,
  { aborted, reason }: AbortSignal,
): Exclude<Outcome, { skipped: string }> | null {
  if (aborted) return reason instanceof FlimdError ? failure(reason) : null;
  return 'error' in idle ? failure(idle.error) : null;
}

type Settled<T> = { value: T } | { error: unknown };

const settled = <T>(promise: Promise<T>): Promise<Settled<T>> =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );

function failure(error: unknown): Exclude<Outcome, { skipped: string }> {
  const { code, message } = errorBody(error);
  if (code === 'FLIMD_E_INTERNAL') throw error;
  return { summary: message, figures: {}, findings: [finding(`${message} [${code}]`)] };
}

function reasonOf({ reason }: AbortSignal): string {
  return reason instanceof FlimdError ? `the link broke: ${reason.message}` : 'interrupted';
}

function resultOf({ name }: Check, outcome: Outcome, seconds: number): CheckResult {
  if ('skipped' in outcome) {
    const { skipped: why } = outcome;
    return { name, verdict: 'skipped', why, summary: null, figures: {}, findings: [], seconds };
  }
  const { summary, figures, findings } = outcome;
  const verdict = findings.length > 0 ? 'failed' : 'passed';
  return { name, verdict, why: whyOf(findings), summary, figures, findings, seconds };
}

function whyOf(findings: readonly { text: string }[]): string | null {
  const [first] = findings;
  if (!first) return null;
  return findings.length > 1 ? `${first.text}; and ${findings.length - 1} more` : first.text;
}
