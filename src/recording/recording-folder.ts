import { mkdir, open, readdir, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { FlimdError } from '../protocol/errors.js';
import type { RecordingFile } from '../protocol/stream.js';
import { PARTIAL_SUFFIX, RECORDING_SUFFIX } from './recording-layout.js';

/** Made in the working directory where no other folder is configured. */
const DEFAULT_FOLDER = 'recordings';
/** A list longer than this helps nobody. */
const MOST_LISTED = 1000;

/** The folder that recordings go to. */
export class RecordingFolder {
  readonly path: string;

  /** @param configured null: `recordings` in the working directory, which is made when it is needed */
  constructor(private readonly configured: string | null) {
    this.path = path.resolve(configured ?? DEFAULT_FOLDER);
  }

  /**
   * The absolute name of a new recording, once it is sure that it can be begun.
   * @param name as `checkedName` or `nameFromTemplate` gave it
   * @throws FlimdError FLIMD_E_RECORDING_DIRECTORY, _EXISTS, _DISK_FULL
   */
  async placeFor(name: string, minFreeBytes: number): Promise<string> {
    if (this.configured === null) await mkdir(this.path).catch(() => {});
    const file = path.join(this.path, name);
    await checkPlace(file, minFreeBytes);
    return file;
  }

  /** Newest first; none where there is no folder yet. */
  async list(): Promise<RecordingFile[]> {
    const entries = await readdir(this.path, { withFileTypes: true }).catch(() => []);
    const names = entries
      .filter((entry) => entry.isFile() && isRecording(entry.name))
      .map(({ name }) => name);
    const files = await Promise.all(names.map((name) => this.#describe(name)));
    return files
      .filter((file) => file !== null)
      .sort((a, b) => b.modifiedAt - a.modifiedAt)
      .slice(0, MOST_LISTED);
  }

  async #describe(name: string): Promise<RecordingFile | null> {
    const found = await stat(path.join(this.path, name)).catch(() => null);
    if (!found) return null;
    return { name, bytes: found.size, modifiedAt: found.mtimeMs, complete: name.endsWith(RECORDING_SUFFIX) };
  }
}

const isRecording = (name: string): boolean =>
  name.endsWith(RECORDING_SUFFIX) || name.endsWith(RECORDING_SUFFIX + PARTIAL_SUFFIX);

/**
 * Whether a recording can be begun at this place: tried, since permissions do not tell everything.
 * @throws FlimdError FLIMD_E_RECORDING_DIRECTORY, _EXISTS, _DISK_FULL
 */
export async function checkPlace(file: string, minFreeBytes: number): Promise<void> {
  const folder = path.dirname(file);
  if (await stat(file).catch(() => null)) throw fileExists(file);
  const partial = file + PARTIAL_SUFFIX;
  try {
    await (await open(partial, 'wx')).close();
  } catch (error) {
    throw placeError(folder, partial, error as NodeJS.ErrnoException);
  }
  await rm(partial, { force: true });
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= minFreeBytes) return;
  throw new FlimdError(
    'FLIMD_E_RECORDING_DISK_FULL',
    `there is too little room for a recording in ${folder}`,
    {
      value: `${bavail * bsize} bytes free`,
      expected: `at least ${minFreeBytes} bytes (recording.minFreeBytes)`,
      action: 'make room, set recording.directory to another disk, or lower the limit',
    },
  );
}

export function fileExists(file: string): FlimdError {
  return new FlimdError('FLIMD_E_RECORDING_EXISTS', `${path.basename(file)} is there already`, {
    value: file,
    expected: 'a name that is not taken',
    action: 'choose another name, or move the file away; nothing is ever overwritten',
  });
}

function placeError(folder: string, partial: string, cause: NodeJS.ErrnoException): FlimdError {
  if (cause.code === 'EEXIST') return fileExists(partial);
  if (cause.code === 'ENOSPC' || cause.code === 'EDQUOT') {
    const details = { value: folder, expected: 'room on the disk', action: 'make room' };
    return new FlimdError('FLIMD_E_RECORDING_DISK_FULL', `the disk of ${folder} is full`, details, { cause });
  }
  const details = {
    value: folder,
    expected: 'a folder that flimd may write to',
    action: 'make the folder, mount its disk, or correct recording.directory and its permissions',
  };
  // The system's words without the name of the file that was tried.
  const words = /^\w+: ([^,]+)/.exec(cause.message)?.[1] ?? cause.message;
  const message = `recordings cannot be written to ${folder}: ${words}`;
  return new FlimdError('FLIMD_E_RECORDING_DIRECTORY', message, details, { cause });
}
