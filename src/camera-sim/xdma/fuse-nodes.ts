import { constants } from 'node:os';
import type { FuseMount } from './fuse-mount.js';
import {
  attributeReply,
  type Attributes,
  entryReply,
  folderReply,
  initReply,
  numberReply,
  Opcode,
  openReply,
  pollNotice,
  replyHeader,
  type Request,
  ROOT_NODE,
  statfsReply,
  WRITE_REQUEST_BYTES,
} from './fuse-protocol.js';

const { errno } = constants;
const FOLDER_MODE = 0o040755;
const FILE_TYPE = 0o100000;

/** A call on a node that waits for its answer. */
export interface Call {
  /** Of a read: how much is asked for. */
  readonly bytes: number;
  readonly position: number;
  /** The data of a read. */
  give(parts: Uint8Array[]): void;
  /** The bytes taken by a write. */
  taken(bytes: number): void;
  /** `error` is an errno. */
  fail(error: number): void;
  /** The caller has been interrupted, and wants the call to end with what there is, or EINTR. */
  onInterrupt: () => void;
}

/** An open node. */
export interface OpenNode {
  read(call: Call): void;
  /** `data` is valid during the call only. */
  write(call: Call, data: Buffer): void;
  /** POLLIN and POLLOUT as they are now; `wake` is to be called when that changes. */
  poll(wake: () => void): number;
  release(): void;
}

export interface Node {
  readonly name: string;
  /** An errno where it cannot be opened. */
  open(flags: number): OpenNode | number;
}

/** Serves a folder of nodes over a FUSE mount. */
export class FuseNodes {
  /** Of a device that has been pulled out: there are no nodes, and open ones give ENODEV. */
  gone = false;
  private readonly handles = new Map<number, OpenNode>();
  private readonly waiting = new Map<bigint, Call>();
  private lastHandle = 0;

  constructor(
    private readonly mount: FuseMount,
    private readonly nodes: readonly Node[],
    private readonly permissions: number,
  ) {}

  /** Closes what is open: its users are gone, or will not be heard any more. */
  releaseAll(): void {
    for (const opened of this.handles.values()) opened.release();
    this.handles.clear();
  }

  /** Ends every call that waits. */
  failWaiting(error: number): void {
    for (const call of [...this.waiting.values()]) call.fail(error);
  }

  serve(request: Request): void {
    const { opcode, body } = request;
    switch (opcode) {
      case Opcode.init:
        return this.answer(request, initReply(body));
      case Opcode.lookup:
        return this.lookup(request);
      case Opcode.getattr:
      case Opcode.setattr:
        return this.answer(request, attributeReply(this.attributes(request.node)));
      case Opcode.opendir:
        return this.answer(request, openReply(0));
      case Opcode.readdir:
        return this.list(request);
      case Opcode.statfs:
        return this.answer(request, statfsReply());
      case Opcode.flush:
      case Opcode.releasedir:
      case Opcode.destroy:
        return this.answer(request, Buffer.alloc(0));
      case Opcode.open:
        return this.open(request);
      case Opcode.release:
        return this.release(request);
      case Opcode.read:
      case Opcode.write:
        return this.transfer(request);
      case Opcode.poll:
        return this.poll(request);
      case Opcode.interrupt:
        return this.waiting.get(body.readBigUInt64LE(0))?.onInterrupt();
      case Opcode.forget:
      case Opcode.batchForget:
        return;
      default:
        return this.refuse(request.unique, errno.ENOSYS);
    }
  }

  private answer({ unique }: Request, body: Buffer): void {
    this.mount.send([replyHeader(unique, 0, body.length), body]);
  }

  private refuse(unique: bigint, error: number): void {
    this.mount.send([replyHeader(unique, -error, 0)]);
  }

  private attributes(node: number): Attributes {
    const mode = node === ROOT_NODE ? FOLDER_MODE : FILE_TYPE | this.permissions;
    return { node, mode, uid: process.getuid!(), gid: process.getgid!() };
  }

  private lookup(request: Request): void {
    const name = request.body.toString('utf8').replace(/\0.*$/s, '');
    const index = this.gone ? -1 : this.nodes.findIndex((node) => node.name === name);
    if (index < 0) return this.refuse(request.unique, errno.ENOENT);
    this.answer(request, entryReply(this.attributes(numberOf(index))));
  }

  private list(request: Request): void {
    const { body } = request;
    const entries = this.gone
      ? []
      : this.nodes.map(({ name }, i) => ({ node: numberOf(i), name, mode: FILE_TYPE }));
    this.answer(request, folderReply(entries, Number(body.readBigUInt64LE(8)), body.readUInt32LE(16)));
  }

  private open(request: Request): void {
    const node = this.nodes[request.node - numberOf(0)];
    const opened = this.gone || !node ? errno.ENODEV : node.open(request.body.readUInt32LE(0));
    if (typeof opened === 'number') return this.refuse(request.unique, opened);
    const handle = ++this.lastHandle;
    this.handles.set(handle, opened);
    this.answer(request, openReply(handle));
  }

  private release(request: Request): void {
    const handle = handleOf(request);
    this.handles.get(handle)?.release();
    this.handles.delete(handle);
    this.answer(request, Buffer.alloc(0));
  }

  private transfer(request: Request): void {
    const { opcode, body, unique } = request;
    const opened = this.handles.get(handleOf(request));
    if (this.gone || !opened) return this.refuse(unique, errno.ENODEV);
    const call = this.begin(unique, body.readUInt32LE(16), Number(body.readBigUInt64LE(8)));
    if (opcode === Opcode.read) return opened.read(call);
    opened.write(call, body.subarray(WRITE_REQUEST_BYTES, WRITE_REQUEST_BYTES + call.bytes));
  }

  private begin(unique: bigint, bytes: number, position: number): Call {
    const end = (send: () => void): void => {
      if (this.waiting.delete(unique)) send();
    };
    const call: Call = {
      bytes,
      position,
      give: (parts) => {
        const length = parts.reduce((sum, part) => sum + part.length, 0);
        end(() => this.mount.send([replyHeader(unique, 0, length), ...parts]));
      },
      taken: (count) => {
        const body = numberReply(count);
        end(() => this.mount.send([replyHeader(unique, 0, body.length), body]));
      },
      fail: (error) => end(() => this.refuse(unique, error)),
      onInterrupt: () => call.fail(errno.EINTR),
    };
    this.waiting.set(unique, call);
    return call;
  }

  private poll(request: Request): void {
    const { body } = request;
    const opened = this.handles.get(handleOf(request));
    const wake = body.readBigUInt64LE(8);
    const state = opened ? opened.poll(() => this.mount.send([pollNotice(wake)])) : 0;
    this.answer(request, numberReply(state));
  }
}

const numberOf = (index: number): number => ROOT_NODE + 1 + index;
const handleOf = ({ body }: Request): number => Number(body.readBigUInt64LE(0));
