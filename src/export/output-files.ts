import { existsSync, realpathSync, statSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { exportError } from './export-error.js';

/** Behind the name of a file that is not whole yet. */
const PARTIAL_SUFFIX = '.partial';
const DISK_FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

export interface WrittenFile {
  path: string;
  bytes: number;
}

/** The files of one export: all of them appear when all are whole, or none does. */
export class OutputFiles {
  readonly #files: OutputFile[] = [];
  readonly #appeared: string[] = [];

  /** @param source is never overwritten */
  constructor(
    private readonly overwrite: boolean,
    private readonly source: string,
  ) {}

  /**
   * Before anything is read, so that a name that is taken costs no work.
   * @throws FlimdError FLIMD_E_EXPORT_EXISTS, _DISK_FULL, _WRITE
   */
  async create(file: string): Promise<OutputFile> {
    this.#checkFree(file);
    const created = await OutputFile.create(file);
    this.#files.push(created);
    return created;
  }

  /** @throws FlimdError FLIMD_E_EXPORT_EXISTS, _DISK_FULL, _WRITE */
  async commit(): Promise<WrittenFile[]> {
    for (const file of this.#files) await file.close();
    for (const file of this.#files) {
      this.#checkFree(file.path);
      await file.appear();
      this.#appeared.push(file.path);
    }
    return this.#files.map(({ path: name, length }) => ({ path: name, bytes: length }));
  }

  /** Nothing is left of the export. */
  async discard(): Promise<void> {
    for (const file of this.#files) await file.discard();
    for (const file of this.#appeared) await rm(file, { force: true });
  }

  #checkFree(file: string): void {
    if (!existsSync(file)) return;
    // A folder cannot be replaced, which would come out only when other files have been.
    const replaceable = statSync(file).isFile() && realpathSync(file) !== realpathSync(this.source);
    if (this.overwrite && replaceable) return;
    throw exportError('FLIMD_E_EXPORT_EXISTS', `${file} is there already`, {
      value: file,
      expected: 'a name that is not taken',
      action: 'choose another with --out, or overwrite it with --force',
    });
  }
}

/** Written beside its place under another name, until it is whole. */
export class OutputFile {
  #length = 0;
  #open = true;

  private constructor(
    readonly path: string,
    private readonly partial: string,
    private readonly handle: FileHandle,
  ) {}

  static async create(file: string): Promise<OutputFile> {
    const partial = file + PARTIAL_SUFFIX;
    const handle = await open(partial, 'w').catch((error: unknown) => {
      throw fileError(file, error);
    });
    return new OutputFile(file, partial, handle);
  }

  get name(): string {
    return path.basename(this.path);
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  async append(bytes: NodeJS.TypedArray): Promise<void> {
    await this.writeAt(this.#length, bytes);
    this.#length += bytes.byteLength;
  }

  async writeAt(position: number, values: NodeJS.TypedArray): Promise<void> {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    for (let at = 0; at < bytes.length;) {
      at += await this.#try(async () => {
        const { bytesWritten } = await this.handle.write(bytes, at, bytes.length - at, position + at);
        return bytesWritten;
      });
    }
  }

  /** Some disks are found to be full only now. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#try(async () => {
      try {
        await this.handle.sync();
      } finally {
        await this.handle.close();
      }
    });
  }

  appear(): Promise<void> {
    return this.#try(() => rename(this.partial, this.path));
  }

  async discard(): Promise<void> {
    await this.close().catch(() => {});
    await rm(this.partial, { force: true });
  }

  async #try<Result>(act: () => Promise<Result>): Promise<Result> {
    try {
      return await act();
    } catch (error) {
      throw fileError(this.path, error);
    }
  }
}

function fileError(file: string, error: unknown): Error {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (DISK_FULL.has(code)) {
    const details = {
      value: file,
      expected: 'room on the disk',
      action: 'make room, or choose another disk with --out',
    };
    return exportError(
      'FLIMD_E_EXPORT_DISK_FULL',
      `there is no room for ${path.basename(file)}`,
      details,
      error,
    );
  }
  const details = {
    value: file,
    expected: 'a file in a folder that can be written to',
    action: 'choose another place with --out',
  };
  return exportError('FLIMD_E_EXPORT_WRITE', `cannot write ${file}: ${message}`, details, error);
}
