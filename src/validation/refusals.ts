import { FlimdError } from '../protocol/errors.js';

/** Whether the camera refuses; what else goes wrong is thrown. */
export async function refuses(access: Promise<unknown>): Promise<boolean> {
  try {
    await access;
    return false;
  } catch (error) {
    if (error instanceof FlimdError && error.code === 'FLIMD_E_LINK_REFUSED') return true;
    throw error;
  }
}
