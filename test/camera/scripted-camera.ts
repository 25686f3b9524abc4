import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { RegisterFile } from '../../src/camera-sim/register-file.js';
import { type Request, RequestReader } from '../../src/camera-sim/request-reader.js';
import type { TcpTarget } from '../../src/link/index.js';
import { crc32c } from '../../src/protocol/crc32c.js';
import { encodePacket, PacketType } from '../../src/protocol/packet.js';
import { REGISTER_MAP_MAGIC, REGISTER_MAP_VERSION } from '../../src/protocol/registers.js';

type Answer = Uint8Array | 'silence' | 'hang up';

/** A camera over a real socket that can be made to misbehave, register by register and request by request. */
export class ScriptedCamera {
  readonly registers = new RegisterFile(() => null);
  /** Overrides the answer to a request; undefined answers it as a camera should. */
  script: (request: Request) => Answer | undefined = () => undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    const { registers } = this;
    registers.set('mapMagic', REGISTER_MAP_MAGIC);
    registers.set('mapVersion', REGISTER_MAP_VERSION);
    registers.set('packetVersion', 1);
    for (const name of [
      'width',
      'height',
      'bins',
      'outputs',
      'tickHz',
      'binWidthFs',
      'laserPeriodFs',
    ] as const) {
      registers.set(name, 1);
    }
    server.on('connection', (socket) => this.serve(socket));
  }

  static async start(): Promise<ScriptedCamera> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ScriptedCamera(server);
  }

  get target(): TcpTarget {
    return { kind: 'tcp', host: '127.0.0.1', port: (this.server.address() as AddressInfo).port };
  }

  hangUp(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  send(bytes: Uint8Array): void {
    for (const socket of this.sockets) socket.write(bytes);
  }

  close(): void {
    this.hangUp();
    this.server.close();
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    const reader = new RequestReader(crc32c);
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('data', (bytes) => {
      reader.push(bytes, (request) => {
        const answer = this.script(request) ?? this.answer(request);
        if (answer === 'hang up') socket.destroy();
        else if (answer !== 'silence') socket.write(answer);
      });
    });
  }

  private answer({ header, payload }: Request): Uint8Array {
    const { type, sequence } = header;
    if (type === PacketType.attach) return encodePacket({ type: PacketType.attached, sequence });
    const address = payload.getUint32(0, true);
    const words = payload.getUint32(4, true);
    if (type === PacketType.registerRead)
      return reply(sequence, address, [...this.registers.read(address, words)]);
    const values = Uint32Array.from({ length: words }, (_, i) => payload.getUint32(8 + 4 * i, true));
    this.registers.write(address, values);
    return reply(sequence, address, []);
  }
}

export function reply(sequence: number, address: number, values: number[]): Uint8Array {
  const payload = new Uint8Array(Uint32Array.from([address, values.length, ...values]).buffer);
  return encodePacket({ type: PacketType.registerReply, sequence }, payload);
}

export function refusal(sequence: number, reason: string): Uint8Array {
  return encodePacket({ type: PacketType.refused, sequence }, new TextEncoder().encode(reason));
}
