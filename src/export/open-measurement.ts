import { stat } from 'node:fs/promises';
import { FlimdError } from '../protocol/errors.js';
import { recordingError } from '../recording/recording-error.js';
import { isHdf5 } from '../recording/recording-reader.js';
import type { OpenMeasurement } from './measurement.js';
import { openRecorded } from './recorded-measurement.js';
import { openSdt } from './sdt-measurement.js';

const isNamedSdt = (file: string): boolean => /\.sdt(\.zip)?$/i.test(file);

/**
 * Opens a recording, by what is in the file.
 * @param channel which image of an SDT file; null: the first
 * @throws FlimdError FLIMD_E_RECORDING, FLIMD_E_CONFIG
 */
export async function openMeasurement(file: string, channel: number | null): Promise<OpenMeasurement> {
  await checkReadable(file);
  if (await isHdf5(file)) {
    if (channel === null) return openRecorded(file);
    throw new FlimdError(
      'FLIMD_E_CONFIG',
      '--channel is for SDT files; a recording of flimd has one channel',
      {
        value: channel,
        action: 'leave it out',
      },
    );
  }
  try {
    return await openSdt(file, channel ?? 0);
  } catch (error) {
    if (isNamedSdt(file)) throw error;
    const details = {
      value: file,
      expected: 'HDF5 of flimd (.h5, .h5.partial) or an image of Becker & Hickl (.sdt, .sdt.zip)',
      action: 'give a recording',
    };
    throw recordingError(`${file} is no recording that flimd reads`, details, error);
  }
}

async function checkReadable(file: string): Promise<void> {
  const details = { value: file, expected: 'a recording', action: 'check the path and the permissions' };
  const found = await stat(file).catch((error: Error) => {
    throw recordingError(`cannot read ${file}: ${error.message}`, details, error);
  });
  if (!found.isFile()) throw recordingError(`${file} is not a file`, details);
}
