import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FlimdError } from '../protocol/errors.js';
import type { StudyOptions } from './study-plan.js';

const studyFile = (directory: string): string => path.join(directory, 'study.json');

/** Makes the folder of a study and notes its options there. Throws FLIMD_E_STUDY where another study has begun in it. */
export async function openStudy(directory: string, study: StudyOptions): Promise<void> {
  await mkdir(directory, { recursive: true });
  const begun = await readIfThere(studyFile(directory));
  const wanted = JSON.stringify(study, null, 2);
  if (begun === null) return writeFile(studyFile(directory), `${wanted}\n`);
  if (JSON.stringify(JSON.parse(begun)) === JSON.stringify(JSON.parse(wanted))) return;
  throw new FlimdError('FLIMD_E_STUDY', `another study has begun in ${directory}`, {
    value: directory,
    expected: 'the options it was begun with, or an empty folder',
    action: 'give another --out',
  });
}

/** The options of the study in a folder; null where there is none. */
export async function readStudy(directory: string): Promise<StudyOptions | null> {
  const text = await readIfThere(studyFile(directory));
  return text === null ? null : (JSON.parse(text) as StudyOptions);
}

function readIfThere(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}
