import { constants } from 'node:fs';
import { FlimdError } from '../protocol/errors.js';
import { DeviceFile } from './device-file.js';
import type { ByteSink, ChannelEvents, DataChannel, PcieTarget } from './link.js';
import { isCanceled, isDriverTimeout, nodeLostError, nodeOpenError } from './pcie-errors.js';

const BUFFER_BYTES = 1024 * 1024;
const BUFFERS = 8;
/** A driver that gives nothing, at once, over and over, would keep a processor busy. */
const MAX_EMPTY_READS = 1000;

/**
 * The streaming channel from the camera. A thread reads into eight buffers of 1 MiB, one after another; a buffer goes
 * back to it when its bytes are in the sink. With no buffer left the thread waits, the driver's descriptors run out,
 * and the camera feels it: nothing is dropped here. O_TRUNC makes a read return at the end of a packet.
 * @throws FlimdError FLIMD_E_LINK_OPEN
 */
export async function openPcieData(
  { device }: PcieTarget,
  sink: ByteSink,
  onLost: ChannelEvents['onLost'],
): Promise<DataChannel> {
  const path = `${device}_c2h_0`;
  const flags = constants.O_RDONLY | constants.O_TRUNC;
  const file = new DeviceFile({ path, flags, buffers: BUFFERS, bufferBytes: BUFFER_BYTES });
  const result = await file.open();
  if (result < 0) {
    await file.close();
    throw nodeOpenError(path, result);
  }
  const reading = new Reading(file, path, sink, onLost);
  return { attachedByOpening: true, close: () => reading.close() };
}

class Reading {
  #over = false;
  #closed = false;
  #emptyReads = 0;

  constructor(
    private readonly file: DeviceFile,
    private readonly path: string,
    private readonly sink: ByteSink,
    private readonly onLost: ChannelEvents['onLost'],
  ) {
    for (let buffer = 0; buffer < BUFFERS; buffer++) this.#fill(buffer);
  }

  close(): Promise<void> {
    this.#over = this.#closed = true;
    return this.file.close();
  }

  #fill(buffer: number): void {
    void this.file.read(buffer, BUFFER_BYTES).then((result) => this.#filled(buffer, result));
  }

  #filled(buffer: number, result: number): void {
    if (this.#over || isCanceled(result)) return;
    if (result > 0) {
      this.#emptyReads = 0;
      this.sink.take(this.file.buffers[buffer]!.subarray(0, result));
    } else if (!isDriverTimeout(result)) {
      if (result < 0) return this.#fail(nodeLostError(this.path, result));
      if (++this.#emptyReads > MAX_EMPTY_READS) return this.#fail(emptyReadsError(this.path));
    }
    this.#fill(buffer);
  }

  /** Told when the node is free: whoever opens it again upon the news must not find it taken by ourselves. */
  #fail(error: FlimdError): void {
    this.#over = true;
    void this.file.close().then(() => {
      if (!this.#closed) this.onLost(error);
    });
  }
}

function emptyReadsError(path: string): FlimdError {
  return new FlimdError('FLIMD_E_LINK_LOST', `reads of ${path} return at once with nothing`, {
    value: `${MAX_EMPTY_READS} empty reads in a row`,
    expected: 'a read that waits for data',
    action: 'is this the streaming channel of an XDMA device? See `dmesg`',
  });
}
