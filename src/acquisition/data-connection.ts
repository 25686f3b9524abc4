import type { FlimdError } from '../protocol/errors.js';
import { encodeAttach, LinkChannel } from '../protocol/packet.js';
import { Attachment } from './attachment.js';
import type { PacketDecoder } from './packet-decoder.js';

/** Opens the data channel of `target`, sends the greeting and puts what arrives into the sink. */
export type DataOpener<Target> = (
  target: Target,
  greeting: Uint8Array,
  sink: { reserve(): Uint8Array; commit(bytes: number): void; take(bytes: Uint8Array): void },
  onLost: (error: FlimdError) => void,
) => Promise<OpenChannel>;

interface OpenChannel {
  /** The link knows no greeting: whoever could open the channel has it. */
  readonly attachedByOpening?: true;
  close(): Promise<void>;
}

export interface DataConnectionParts<Target> {
  openChannel: DataOpener<Target>;
  decoder: PacketDecoder;
  attachTimeoutMs: number;
  /** Bytes stand in the room that the decoder had reserved. */
  onBytes(bytes: number): void;
  /** Bytes stand in a buffer of the link, until the call returns. */
  onChunk(bytes: Uint8Array): void;
  /** No byte comes any more, for whatever reason. */
  onSilenced(): void;
  /** The link broke by itself. */
  onLost(error: FlimdError): void;
  /** The device refused something after it had accepted the channel. */
  onRefused(reason: string): void;
}

/** The data channel to a camera: opened, accepted by the device, and at some time gone. */
export class DataConnection<Target> {
  /** The device has accepted the channel, and it is still there. */
  linked = false;
  private channel: OpenChannel | null = null;
  private attachment: Attachment | null = null;

  constructor(private readonly parts: DataConnectionParts<Target>) {}

  /** @throws FlimdError of the link, FLIMD_E_LINK_REFUSED, FLIMD_E_LINK_TIMEOUT, FLIMD_E_NOT_A_CAMERA */
  async open(target: Target): Promise<void> {
    await this.close();
    const { openChannel, decoder, attachTimeoutMs, onBytes, onChunk } = this.parts;
    const attachment = new Attachment(attachTimeoutMs, decoder.counters);
    this.attachment = attachment;
    const sink = { reserve: () => decoder.reserve(), commit: onBytes, take: onChunk };
    try {
      const greeting = encodeAttach(LinkChannel.data);
      this.channel = await openChannel(target, greeting, sink, (error) => this.lost(error));
      if (this.channel.attachedByOpening) attachment.accept();
      await attachment.done;
      this.linked = true;
    } catch (error) {
      attachment.fail(error as FlimdError);
      await this.close();
      throw error;
    } finally {
      this.attachment = null;
    }
  }

  async close(): Promise<void> {
    await this.channel?.close();
    this.silenced();
  }

  /** The device has answered: it accepts the channel. */
  accepted(): void {
    this.attachment?.accept();
  }

  /** The device has answered: it refuses the channel, or something later. */
  refused(reason: string): void {
    if (this.attachment) this.attachment.refuse(reason);
    else this.parts.onRefused(reason);
  }

  private lost(error: FlimdError): void {
    this.silenced();
    if (this.attachment) this.attachment.fail(error);
    else this.parts.onLost(error);
  }

  private silenced(): void {
    this.linked = false;
    this.channel = null;
    this.parts.onSilenced();
  }
}
