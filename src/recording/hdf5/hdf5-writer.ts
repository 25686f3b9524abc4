import type { File } from 'h5wasm/node';
import { type Hdf5Library, writeError } from './hdf5-library.js';

/** Types of numbers as NumPy writes them: little-endian. */
export type NumberType = '<B' | '<H' | '<I' | '<i' | '<Q' | '<d';

export interface Hdf5Number {
  type: NumberType;
  value: number;
}

export interface GrowingDataset {
  type: NumberType;
  /** Of one row; a number a row where empty. */
  rowShape: readonly number[];
  chunkShape: readonly number[];
  /** Deflate level, 0 = not compressed. */
  compression: number;
  /** Names of all dimensions. */
  labels: readonly string[];
}

const bytesOfType: Record<NumberType, number> = { '<B': 1, '<H': 2, '<I': 4, '<i': 4, '<Q': 8, '<d': 8 };
const H5T_STRING = 3;
const CSET_ASCII = 0;

/**
 * A new HDF5 file whose datasets grow row by row. Once it is live it is written in the order that lets readers open
 * it at any moment (single writer, multiple readers), and so it can be read after its writer has died.
 * Every method throws FLIMD_E_RECORDING_DISK_FULL or FLIMD_E_RECORDING_WRITE.
 */
export class Hdf5Writer {
  readonly #growing = new Map<string, { written: number; extent: number; rowShape: readonly number[] }>();
  #buffer = 0;
  #bufferBytes = 0;

  private constructor(
    private readonly library: Hdf5Library,
    private readonly path: string,
    private readonly file: File,
  ) {}

  /** @param path absolute; there must be no such file */
  static create(library: Hdf5Library, path: string): Hdf5Writer {
    try {
      // The oldest format that can be read while it is written: HDF5 1.10, of 2016.
      const file = new library.hdf5.File(path, 'x', { libver: ['v110', 'v110'] });
      return new Hdf5Writer(library, path, file);
    } catch (error) {
      throw writeError(path, error);
    }
  }

  group(name: string): void {
    this.#do(() => this.file.create_group(name));
  }

  /** @param object path of a group or dataset; `/` is the file */
  attributes(object: string, values: Readonly<Record<string, string | Hdf5Number>>): void {
    this.#do(() => {
      const owner = object === '/' ? this.file : (this.file.get(object) as File);
      for (const [name, value] of Object.entries(values)) {
        if (typeof value === 'string') owner.create_attribute(name, value);
        else owner.create_attribute(name, [value.value], [], value.type);
      }
    });
  }

  /** A dataset that has no rows yet. */
  growing(name: string, { type, rowShape, chunkShape, compression, labels }: GrowingDataset): void {
    this.#do(() => {
      const dataset = this.file.create_dataset({
        name,
        data: [],
        dtype: type,
        shape: [0, ...rowShape],
        maxshape: [null, ...rowShape],
        chunks: [...chunkShape],
        ...(compression > 0 ? { compression: 'gzip' as const, compression_opts: compression } : {}),
      });
      labels.forEach((label, dimension) => dataset.set_dimension_label(dimension, label));
    });
    this.#growing.set(name, { written: 0, extent: 0, rowShape });
  }

  /** One text of at most `bytes` ASCII characters, which can be replaced in its place. */
  text(name: string, bytes: number): void {
    const { module } = this.library;
    const metadata = {
      type: H5T_STRING,
      size: bytes,
      cset: CSET_ASCII,
      vlen: false,
      littleEndian: true,
      signed: false,
      total_size: 1,
      shape: [],
      maxshape: [],
    };
    this.#filled(new Uint8Array(bytes), (at) =>
      module.create_dataset(this.file.file_id, `/${name}`, BigInt(at), metadata),
    );
  }

  /** Nothing can be added to the file any more but rows. */
  goLive(): void {
    this.#do(() => this.file.start_swmr_write());
  }

  /** Adds rows to a dataset; they are the system's to keep when it returns. */
  append(name: string, rows: number, bytes: Uint8Array): void {
    const dataset = this.#growing.get(name)!;
    const { written, rowShape } = dataset;
    this.#resize(name, written + rows);
    this.#write(name, [rows, ...rowShape], [written, ...rowShape.map(() => 0)], bytes);
    dataset.written += rows;
  }

  /** Rows of a dataset that were written. */
  rowsOf(name: string): number {
    return this.#growing.get(name)!.written;
  }

  /** Takes rows off the end of a dataset: those beyond `rows`, and any that could not be written. */
  cut(name: string, rows: number): void {
    const dataset = this.#growing.get(name)!;
    dataset.written = Math.min(dataset.written, rows);
    if (dataset.extent > dataset.written) this.#resize(name, dataset.written);
  }

  replaceText(name: string, text: Uint8Array): void {
    this.#write(name, [], [], text);
  }

  /** Everything so far can then be read by others. */
  flush(): void {
    this.#do(() => this.library.module.flush(this.file.file_id));
  }

  close(): void {
    if (this.#buffer) this.library.module._free(this.#buffer);
    this.#buffer = 0;
    this.#do(() => this.file.close());
  }

  #resize(name: string, rows: number): void {
    const dataset = this.#growing.get(name)!;
    const shape = [rows, ...dataset.rowShape].map(BigInt);
    this.#do(() => this.library.module.resize_dataset(this.file.file_id, `/${name}`, shape));
    dataset.extent = rows;
  }

  #write(name: string, count: readonly number[], offset: readonly number[], bytes: Uint8Array): void {
    const { module } = this.library;
    const scalar = count.length === 0;
    this.#filled(bytes, (at) =>
      module.set_dataset_data(
        this.file.file_id,
        `/${name}`,
        scalar ? null : count.map(BigInt),
        scalar ? null : offset.map(BigInt),
        scalar ? null : count.map(() => 1n),
        BigInt(at),
      ),
    );
  }

  /** Does something with the bytes in the memory of the library. */
  #filled(bytes: Uint8Array, act: (at: number) => number): void {
    this.#do(() => {
      const { module } = this.library;
      if (bytes.length > this.#bufferBytes) {
        if (this.#buffer) module._free(this.#buffer);
        this.#buffer = module._malloc(bytes.length);
        this.#bufferBytes = this.#buffer ? bytes.length : 0;
        if (!this.#buffer) throw new Error(`no memory for ${bytes.length} bytes`);
      }
      module.HEAPU8.set(bytes, this.#buffer);
      return act(this.#buffer);
    });
  }

  /** Some calls of the library throw, some return a negative number. */
  #do(act: () => unknown): void {
    try {
      const status = act();
      if (typeof status === 'number' && status < 0) throw new Error(`HDF5 answered ${status}`);
    } catch (error) {
      throw writeError(this.path, error);
    }
  }
}

export const bytesPerValue = (type: NumberType): number => bytesOfType[type];
