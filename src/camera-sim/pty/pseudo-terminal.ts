import { closeSync, lstatSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { openPty } from '../../link/native.js';
import { FlimdError } from '../../protocol/errors.js';

/** A serial cable that ends in this program: bytes here, a device node that others open at the other end. */
export class PseudoTerminal {
  private constructor(
    /** Device node of the other end. */
    readonly node: string,
    /** Link to it with a name that stays the same. */
    readonly path: string,
    private readonly master: ReadStream,
    private slave: number | null,
  ) {}

  /**
   * Makes the terminal and `path`, a symbolic link to it.
   * @throws FlimdError FLIMD_E_LINK_OPEN, FLIMD_E_NATIVE_MISSING, FLIMD_E_CAPABILITY
   */
  static open(path: string, onBytes: (bytes: Uint8Array) => void): PseudoTerminal {
    makeRoom(path);
    const { master, slave, path: node } = openPty();
    // A stream of a terminal polls; a file stream would hold a thread of libuv's pool in a read.
    const stream = new ReadStream(master);
    stream.on('data', onBytes);
    // Comes when the terminal is taken away in the middle of a write; there is no one left to tell.
    stream.on('error', () => {});
    const terminal = new PseudoTerminal(node, path, stream, slave);
    try {
      symlinkSync(node, path);
    } catch (cause) {
      terminal.close();
      throw cannotLink(path, cause as Error);
    }
    return terminal;
  }

  send(bytes: Uint8Array): void {
    if (!this.master.destroyed) this.master.write(bytes);
  }

  /** Whoever has the other end open finds it gone, as when a USB serial adapter is pulled out. */
  close(): void {
    if (this.slave === null) return;
    closeSync(this.slave);
    this.slave = null;
    this.master.destroy();
    if (linkAt(this.path) === this.node) unlinkSync(this.path);
  }
}

/** Where the link at a path leads; null where there is no link. */
function linkAt(path: string): string | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isSymbolicLink() ? readlinkSync(path) : null;
}

/** A link to a terminal that an earlier run left behind goes; anything else stays, and that is an error. */
function makeRoom(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!linkAt(path)?.startsWith('/dev/pts/')) {
    throw new FlimdError('FLIMD_E_LINK_OPEN', 'there is something else where the serial port should appear', {
      value: path,
      expected: 'a path where nothing is, or a link to a pseudo-terminal',
      action: 'choose another path, or remove what is there',
    });
  }
  unlinkSync(path);
}

function cannotLink(path: string, cause: Error): FlimdError {
  return new FlimdError(
    'FLIMD_E_LINK_OPEN',
    `the serial port cannot be named ${path}: ${cause.message}`,
    {
      value: path,
      expected: 'a path in a folder that this user may write to',
      action: 'choose another path',
    },
    { cause },
  );
}
