import { PacketDecoder } from '../acquisition/packet-decoder.js';
import { type ByteChannel, openControlChannel, type PacketTarget } from '../link/index.js';
import { FlimdError } from '../protocol/errors.js';
import {
  encodeAttach,
  encodePacket,
  LinkChannel,
  type PacketHeader,
  PacketType,
} from '../protocol/packet.js';
import { PendingRequests } from './pending-requests.js';

export interface RegisterBusOptions {
  /** Longest wait for an answer, ms. */
  requestTimeoutMs?: number;
  /** Longest wait for a TCP connection, ms. */
  connectTimeoutMs?: number;
}

const DEFAULT_REQUEST_TIMEOUT_MS = 2000;
/** Register replies hold about 1 KiB, reasons of a refusal are shorter. */
const MAX_REPLY_BYTES = 64 * 1024;
const ATTACH_REQUEST = 0;

/** Reads and writes 32-bit registers of a camera over its control channel. Requests may overlap. */
export class RegisterBus {
  /** Called once when the link breaks; every pending request has been rejected by then. */
  onLost: (error: FlimdError) => void = () => {};
  private readonly requests: PendingRequests;
  private readonly decoder = new PacketDecoder({
    maxPayloadBytes: MAX_REPLY_BYTES,
    onPacket: (header, payload) => this.hear(header, payload),
  });
  private channel: ByteChannel | null = null;
  private attached = false;

  private constructor({ requestTimeoutMs = DEFAULT_REQUEST_TIMEOUT_MS }: RegisterBusOptions) {
    this.requests = new PendingRequests(requestTimeoutMs);
  }

  /** @throws FlimdError of the link, FLIMD_E_LINK_REFUSED, FLIMD_E_LINK_TIMEOUT, FLIMD_E_NOT_A_CAMERA */
  static async open(target: PacketTarget, options: RegisterBusOptions = {}): Promise<RegisterBus> {
    const bus = new RegisterBus(options);
    const accepted = bus.requests.begin(ATTACH_REQUEST, 'to open the control channel');
    const events = {
      onBytes: (bytes: Uint8Array) => bus.receive(bytes),
      onLost: (error: FlimdError) => bus.lost(error),
    };
    try {
      bus.channel = await openControlChannel(target, encodeAttach(LinkChannel.control), events, options);
      await accepted;
      bus.attached = true;
      return bus;
    } catch (error) {
      await bus.close();
      throw error;
    }
  }

  /** @throws FlimdError FLIMD_E_LINK_REFUSED, FLIMD_E_LINK_TIMEOUT, FLIMD_E_LINK_LOST */
  async read(address: number, words: number): Promise<Uint32Array> {
    const values = await this.ask(PacketType.registerRead, address, words, []);
    if (values.length === words) return values;
    throw new FlimdError(
      'FLIMD_E_DEVICE',
      `the camera answered a read at ${hex(address)} with a wrong length`,
      {
        value: `${values.length} words`,
        expected: `${words} words`,
      },
    );
  }

  /** @throws FlimdError FLIMD_E_LINK_REFUSED, FLIMD_E_LINK_TIMEOUT, FLIMD_E_LINK_LOST */
  async write(address: number, values: readonly number[]): Promise<void> {
    await this.ask(PacketType.registerWrite, address, values.length, values);
  }

  async close(): Promise<void> {
    this.requests.rejectAll(
      new FlimdError('FLIMD_E_LINK_LOST', 'the connection to the camera was closed', {
        action: 'connect again',
      }),
    );
    await this.channel?.close();
  }

  private ask(type: number, address: number, words: number, values: readonly number[]): Promise<Uint32Array> {
    const payload = new DataView(new ArrayBuffer(8 + 4 * values.length));
    payload.setUint32(0, address, true);
    payload.setUint32(4, words, true);
    values.forEach((value, i) => payload.setUint32(8 + 4 * i, value, true));
    const sequence = this.requests.nextNumber();
    const verb = type === PacketType.registerRead ? 'to a read' : 'to a write';
    const answer = this.requests.begin(sequence, `${verb} at ${hex(address)}`);
    this.channel!.send(encodePacket({ type, sequence }, new Uint8Array(payload.buffer)));
    return answer;
  }

  private receive(bytes: Uint8Array): void {
    this.decoder.push(bytes);
    if (this.attached || this.decoder.counters.bytesSkipped === 0) return;
    this.requests.reject(
      ATTACH_REQUEST,
      new FlimdError('FLIMD_E_NOT_A_CAMERA', 'what answers does not speak the flimd link protocol', {
        expected: 'flimd link packets',
        action: 'check host and port of the camera',
      }),
    );
  }

  private hear(header: Readonly<PacketHeader>, payload: Uint8Array): void {
    const { type, sequence } = header;
    if (type === PacketType.attached) this.requests.resolve(ATTACH_REQUEST, new Uint32Array(0));
    else if (type === PacketType.registerReply) this.requests.resolve(sequence, replyWords(payload));
    else if (type === PacketType.refused) this.requests.reject(sequence, refusal(payload));
  }

  private lost(error: FlimdError): void {
    this.requests.rejectAll(error);
    this.onLost(error);
  }
}

const hex = (address: number): string => `0x${address.toString(16).padStart(3, '0')}`;

/** The words behind address and count. */
function replyWords(payload: Uint8Array): Uint32Array {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const words = Math.max(0, Math.floor(payload.byteLength / 4) - 2);
  return Uint32Array.from({ length: words }, (_, i) => view.getUint32(8 + 4 * i, true));
}

function refusal(payload: Uint8Array): FlimdError {
  const reason = new TextDecoder().decode(payload);
  return new FlimdError('FLIMD_E_LINK_REFUSED', `the camera refused: ${reason}`, {
    value: reason,
    action: 'see docs/registers.md for what a register takes, and when',
  });
}
