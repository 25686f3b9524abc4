import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { IfdLayout, type TiffEntry, tiffTypes } from './tiff-directory.js';
import type { OutputFile } from './output-files.js';

/** All pages of a file are of one kind: unsigned samples, one per pixel, row by row from the upper left corner. */
export interface TiffPages {
  width: number;
  height: number;
  bits: 16 | 32;
  count: number;
}

export interface TiffOptions {
  /** 64-bit offsets, which a file of 4 GiB or more needs. */
  bigTiff: boolean;
  /** Deflate each page. */
  compress: boolean;
  /** Side of a pixel; null where it is not known. */
  pixelUm: number | null;
  software: string;
}

const CLASSIC_LIMIT_BYTES = 2 ** 32;
/** Of a page beside its samples: its directory, and what the description says of it. */
const PAGE_OVERHEAD_BYTES = 512;
const FILE_OVERHEAD_BYTES = 1024 * 1024;
/** Deflate stores what it cannot shrink, with 5 bytes for every 16 KiB. */
const DEFLATE_GROWTH = 1.001;

/** Whether the pages may come to more than classic TIFF can address; on the safe side. */
export function needsBigTiff({ width, height, bits, count }: TiffPages): boolean {
  const page = (width * height * bits) / 8;
  return FILE_OVERHEAD_BYTES + count * (page * DEFLATE_GROWTH + PAGE_OVERHEAD_BYTES) >= CLASSIC_LIMIT_BYTES;
}

const COMPRESSION_NONE = 1;
const COMPRESSION_DEFLATE = 8;
const BLACK_IS_ZERO = 1;
const UPPER_LEFT = 1;
const UNSIGNED = 1;
const NO_UNIT = 1;
const PER_CENTIMETRE = 3;
/** Directories written at once. */
const DIRECTORIES_AT_ONCE = 1024;

/**
 * TIFF 6.0 and BigTIFF, little-endian, one strip a page. Samples go to the file as they come; the description and the
 * directories follow at the end, so that nothing but the place and size of each page is kept.
 */
export class TiffWriter {
  readonly #layout: IfdLayout;
  readonly #stripsAt: number[] = [];
  readonly #stripBytes: number[] = [];

  private constructor(
    private readonly file: OutputFile,
    private readonly pages: TiffPages,
    private readonly options: TiffOptions,
  ) {
    this.#layout = new IfdLayout(options.bigTiff);
  }

  static async begin(file: OutputFile, pages: TiffPages, options: TiffOptions): Promise<TiffWriter> {
    const writer = new TiffWriter(file, pages, options);
    // The place of the first directory is filled in last.
    await file.append(writer.#layout.header(0));
    return writer;
  }

  /** One page or several. */
  async addPages(samples: Uint16Array | Uint32Array): Promise<void> {
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    const pageBytes = (this.pages.width * this.pages.height * this.pages.bits) / 8;
    const pages = Array.from({ length: bytes.length / pageBytes }, (_, page) =>
      bytes.subarray(page * pageBytes, (page + 1) * pageBytes),
    );
    const strips = this.options.compress ? await Promise.all(pages.map((page) => deflated(page))) : pages;
    let at = this.file.length;
    for (const { length } of strips) {
      this.#stripsAt.push(at);
      this.#stripBytes.push(length);
      at += length;
    }
    await this.file.append(this.options.compress ? Buffer.concat(strips) : bytes);
  }

  /** @param description of the whole file, ASCII */
  async finish(description: Iterable<string>): Promise<void> {
    const text = await this.#appendText(description);
    const software = await this.#appendText([this.options.software]);
    const resolutionAt = await this.#appendResolution();
    await this.#align();
    const first = this.file.length;
    const texts = { 270: text, 305: software };
    const pages = this.#stripsAt.length;
    let directories: Uint8Array[] = [];
    for (let page = 0, at = first; page < pages; page++) {
      const directory = this.#layout.directory(
        this.#entries(page, resolutionAt, texts),
        at,
        page === pages - 1,
      );
      at += directory.length;
      directories.push(directory);
      if (page < pages - 1 && directories.length < DIRECTORIES_AT_ONCE) continue;
      await this.file.append(Buffer.concat(directories));
      directories = [];
    }
    await this.file.writeAt(0, this.#layout.header(first));
  }

  #entries(page: number, resolutionAt: number, texts: Record<number, Place>): TiffEntry[] {
    const { width, height, bits } = this.pages;
    const { pixelUm, compress } = this.options;
    const { short, long, offset, rational, ascii } = tiffTypes;
    const texted = Object.entries(texts).map(([tag, { at, bytes }]) => ascii(Number(tag), at, bytes));
    return [
      long(256, width),
      long(257, height),
      short(258, bits),
      short(259, compress ? COMPRESSION_DEFLATE : COMPRESSION_NONE),
      short(262, BLACK_IS_ZERO),
      offset(273, this.#stripsAt[page]!),
      short(274, UPPER_LEFT),
      short(277, 1),
      long(278, height),
      offset(279, this.#stripBytes[page]!),
      rational(282, resolutionAt, this.#resolution),
      rational(283, resolutionAt, this.#resolution),
      short(296, pixelUm === null ? NO_UNIT : PER_CENTIMETRE),
      short(339, UNSIGNED),
      ...(page === 0 ? texted : []),
    ];
  }

  /** Pixels per centimetre as a fraction; 1 where the size of a pixel is not known. */
  get #resolution(): [number, number] {
    const { pixelUm } = this.options;
    return pixelUm === null ? [1, 1] : [1e9, Math.round(pixelUm * 1e5)];
  }

  async #appendResolution(): Promise<number> {
    await this.#align();
    const at = this.file.length;
    await this.file.append(Uint32Array.from(this.#resolution));
    return at;
  }

  async #appendText(parts: Iterable<string>): Promise<Place> {
    await this.#align();
    const at = this.file.length;
    for (const part of parts) await this.file.append(Buffer.from(part, 'ascii'));
    await this.file.append(Uint8Array.of(0));
    return { at, bytes: this.file.length - at };
  }

  /** What an offset points to begins at a whole word. */
  async #align(): Promise<void> {
    await this.file.append(new Uint8Array(-this.file.length & 7));
  }
}

interface Place {
  at: number;
  bytes: number;
}

const deflated = promisify<Uint8Array, Uint8Array>(deflate);
