import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CameraTiming, planGates } from './gate-plan.js';
import { findModels, loadModelPackage, type ModelPackage } from './model-package.js';
import { FlimdError } from '../protocol/errors.js';

/** The packages that come with flimd. */
export const shippedModels = fileURLToPath(new URL('../../models', import.meta.url));

/** First 8 bytes of the package hash, as frames and registers carry it. */
export const shortHash = (model: ModelPackage): string => model.hash.slice(0, 16);

/**
 * The package named by the user: a directory, or a name in the library.
 * @throws FlimdError FLIMD_E_MODEL_NOT_FOUND, FLIMD_E_MODEL_FILE
 */
export async function loadNamedModel(name: string, library = shippedModels): Promise<ModelPackage> {
  const candidates = [path.resolve(name), path.join(library, name)];
  const directory = candidates.find((candidate) => existsSync(path.join(candidate, 'model.json')));
  if (directory) return loadModelPackage(directory);
  const names = (await findModels(library)).map((found) => path.basename(found));
  throw new FlimdError('FLIMD_E_MODEL_NOT_FOUND', `there is no model package "${name}"`, {
    value: name,
    expected: `a directory with model.json, or one of ${names.join(', ')}`,
    action: 'train one with `flimd model train`, or leave the choice to flimd',
  });
}

/**
 * The package of the library that fits a camera: the one in its bitstream where that is known, otherwise the one
 * with most gates. A damaged package is reported as its reason, and does not keep the others from being used.
 * @throws FlimdError FLIMD_E_MODEL_NOT_FOUND with the reason of every package that does not fit
 */
export async function fittingModel(
  camera: CameraTiming & { modelHash: string | null },
  library = shippedModels,
): Promise<ModelPackage> {
  const fitting: ModelPackage[] = [];
  const reasons: string[] = [];
  for (const directory of await findModels(library)) {
    try {
      const model = await loadModelPackage(directory);
      planGates(model.timing, camera);
      fitting.push(model);
    } catch (error) {
      if (!(error instanceof FlimdError)) throw error;
      reasons.push(`${path.basename(directory)}: ${error.message}`);
    }
  }
  const own = fitting.find((model) => shortHash(model) === camera.modelHash);
  const best = own ?? fitting.sort((a, b) => b.network.gates - a.network.gates)[0];
  if (best) return best;
  throw new FlimdError('FLIMD_E_MODEL_NOT_FOUND', 'no model package fits the time axis of the camera', {
    value: `${camera.bins} bins of ${camera.binWidthPs} ps, laser period ${camera.laserPeriodPs} ps`,
    expected: reasons.join('; ') || `a package in ${library}`,
    action: 'train one for this instrument with `flimd model train`',
  });
}

/** The package of the library with this `shortHash`; null where there is none. Damaged packages are passed over. */
export async function modelOfHash(hash: string, library = shippedModels): Promise<ModelPackage | null> {
  for (const directory of await findModels(library)) {
    const model = await loadModelPackage(directory).catch((error: unknown) => {
      if (error instanceof FlimdError) return null;
      throw error;
    });
    if (model && shortHash(model) === hash) return model;
  }
  return null;
}
