import { loadNamedModel, modelOfHash, shortHash } from '../lifetime/model-library.js';
import { errorBody } from '../protocol/errors.js';
import type { CameraDescription } from '../protocol/stream.js';
import { LifetimeJudge } from './lifetime-judge.js';

/** Who can say what the lifetimes of a camera must be. */
export type JudgeChoice =
  | { judge: LifetimeJudge; why: null }
  /** `foreign`: there are lifetimes, and nobody here can say whether they are right. */
  | { judge: null; foreign: boolean; why: string };

/**
 * The host's copy of the network in a camera: the package named, or the one here with the camera's hash.
 * @throws FlimdError FLIMD_E_MODEL_NOT_FOUND, FLIMD_E_MODEL_FILE where the package named cannot be had;
 *   FLIMD_E_NATIVE_MISSING
 */
export async function chooseJudge(camera: CameraDescription, named?: string): Promise<JudgeChoice> {
  const model = named === undefined ? null : await loadNamedModel(named);
  if (!camera.outputs.includes('lifetimes')) {
    return { judge: null, foreign: false, why: 'the camera has no network: it sends histograms only' };
  }
  if (camera.modelHash === null)
    return foreign('the camera sends lifetimes and does not tell of which network');
  const own = model ?? (await modelOfHash(camera.modelHash));
  if (!own) {
    return foreign(
      `the network of the camera, ${camera.modelHash}, is in no model package here: name its package with --model`,
    );
  }
  if (shortHash(own) !== camera.modelHash) {
    return foreign(
      `the network of the camera is ${camera.modelHash}, the model package ${own.name} is ${shortHash(own)}`,
    );
  }
  return onTimeAxis(() => new LifetimeJudge(own, camera));
}

const foreign = (why: string): JudgeChoice => ({ judge: null, foreign: true, why });

/** A bitstream may hold a network that does not fit its own bins. */
function onTimeAxis(judge: () => LifetimeJudge): JudgeChoice {
  try {
    return { judge: judge(), why: null };
  } catch (error) {
    const { code, message } = errorBody(error);
    if (!code.startsWith('FLIMD_E_MODEL_')) throw error;
    return foreign(`the network of the camera does not fit its time axis: ${message}`);
  }
}
