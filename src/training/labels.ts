import { closeSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { FlimdError } from '../protocol/errors.js';
import type { Batch } from './batches.js';
import type { LabelledBatch, Labels } from './distillation.js';
import { TARGETS } from './outputs.js';

/** Batches with a teacher's answers in a file: every student of a study learns from the same, computed once. */
export interface LabelsHeader {
  format: 'flimd-labels';
  batches: number;
  size: number;
  gates: number;
  /** What decides the content: the teacher's hash, the prior, the seed. */
  key: string;
}

/** The header is padded to this. */
const HEADER_BYTES = 4096;

/** Arrays of a batch in the order of the file, elements per example. */
const parts = (gates: number) =>
  [
    ['x', gates],
    ['u', 1],
    ['targets', TARGETS],
    ['decays', gates],
    ['weights', 1],
    ['labelTargets', TARGETS],
    ['labelDecays', gates],
  ] as const;

const floatsPerExample = (gates: number): number => parts(gates).reduce((sum, [, length]) => sum + length, 0);

export class LabelsWriter {
  private written = 0;

  private constructor(
    private readonly file: FileHandle,
    private readonly header: LabelsHeader,
  ) {}

  static async create(path: string, header: LabelsHeader): Promise<LabelsWriter> {
    const file = await open(path, 'w');
    await file.write(new Uint8Array(HEADER_BYTES));
    return new LabelsWriter(file, header);
  }

  async add(batch: Batch, labels: Labels): Promise<void> {
    const arrays = [
      batch.x,
      batch.u,
      batch.targets,
      batch.decays,
      batch.weights,
      labels.targets,
      labels.decays,
    ];
    for (const array of arrays) {
      await this.file.write(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    }
    this.written++;
  }

  /** The header comes last: a file without one is not whole. */
  async finish(): Promise<void> {
    const header = Buffer.from(JSON.stringify({ ...this.header, batches: this.written }));
    await this.file.write(header, 0, header.length, 0);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

export class LabelsReader {
  private constructor(
    private readonly descriptor: number,
    readonly header: LabelsHeader,
  ) {}

  /** Null where there is no whole file of that key. */
  static find(path: string, key: string): LabelsReader | null {
    let descriptor: number | null = null;
    try {
      descriptor = openSync(path, 'r');
      const bytes = Buffer.alloc(HEADER_BYTES);
      readSync(descriptor, bytes, 0, HEADER_BYTES, 0);
      const header = JSON.parse(bytes.toString('utf8').replace(/\0+$/, '')) as LabelsHeader;
      if (header.format === 'flimd-labels' && header.key === key) return new LabelsReader(descriptor, header);
    } catch {
      // Missing, or no header yet: as good as none.
    }
    if (descriptor !== null) closeSync(descriptor);
    return null;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  batch(index: number): LabelledBatch {
    const { batches, size, gates } = this.header;
    const bytes = floatsPerExample(gates) * size * 4;
    const buffer = new ArrayBuffer(bytes);
    const at = HEADER_BYTES + (index % batches) * bytes;
    if (readSync(this.descriptor, new Uint8Array(buffer), 0, bytes, at) < bytes) {
      throw new FlimdError('FLIMD_E_TRAINING', 'the file of labels is cut short', {
        expected: `${batches} batches`,
        action: 'delete it: it is made again',
      });
    }
    let offset = 0;
    const taken = parts(gates).map(([name, length]) => {
      const array = new Float32Array(buffer, offset, length * size);
      offset += array.byteLength;
      return [name, array] as const;
    });
    const { labelTargets, labelDecays, ...batch } = Object.fromEntries(taken) as Record<
      ReturnType<typeof parts>[number][0],
      Float32Array
    >;
    return { ...batch, labels: { targets: labelTargets, decays: labelDecays } };
  }
}
