import { BodyReader, bodyOf } from '../../protocol/slow-control-body.js';
import {
  encodeSlowControlFrame,
  MAX_SLOW_CONTROL_BODY_BYTES,
  type SlowControlFrame,
  SlowControlFrameReader,
} from '../../protocol/slow-control-frame.js';
import {
  SLOW_CONTROL_ANSWER,
  SlowControlCommand,
  SlowControlOperation,
  SlowControlResult,
  slowControlChannelOf,
  type SlowControlSetpoint,
} from '../../protocol/slow-control.js';
import { type CameraPhysics, simulatedLimits } from './camera-physics.js';

export interface SlowControlDeviceParts {
  serial: string;
  firmware: string;
  physics: CameraPhysics;
  /** Clock of the device, ms. */
  now: () => number;
  /** Puts the bytes of an answer on the line. */
  send: (bytes: Uint8Array) => void;
}

const BYTES_PER_READING = 5;
const MAX_READINGS = Math.floor((MAX_SLOW_CONTROL_BODY_BYTES - 1) / BYTES_PER_READING);
const { ok, malformed, readOnly, outOfLimits, unknownChannel, unknownCommand, unknownOperation } =
  SlowControlResult;

/** The microcontroller on the other side of the line: takes requests, answers them. */
export class SlowControlDevice {
  private readonly reader = new SlowControlFrameReader((frame) => this.take(frame));

  constructor(private readonly parts: SlowControlDeviceParts) {}

  receive(bytes: Uint8Array): void {
    this.reader.push(bytes);
  }

  private take({ sequence, operation, body }: SlowControlFrame): void {
    const { physics, now, send } = this.parts;
    physics.advance(now());
    physics.heard(now());
    send(
      encodeSlowControlFrame({
        sequence,
        operation: operation | SLOW_CONTROL_ANSWER,
        body: this.answer(operation, new BodyReader(body)),
      }),
    );
  }

  private answer(operation: number, body: BodyReader): Uint8Array {
    switch (operation) {
      case SlowControlOperation.identify:
        return bodyOf(ok, { text: this.parts.serial }, { text: this.parts.firmware });
      case SlowControlOperation.limits:
        return limits(body);
      case SlowControlOperation.read:
        return this.read(body);
      case SlowControlOperation.write:
        return this.write(body);
      case SlowControlOperation.command:
        return this.command(body);
      default:
        return bodyOf(unknownOperation);
    }
  }

  private read(body: BodyReader): Uint8Array {
    const values = this.parts.physics.measure();
    const readings: (number | { i32: number })[] = [];
    while (!body.atEnd) {
      const id = body.u8()!;
      const channel = slowControlChannelOf(id);
      if (!channel) return bodyOf(unknownChannel);
      readings.push(id, { i32: values[channel.name] });
    }
    return readings.length / 2 > MAX_READINGS ? bodyOf(malformed) : bodyOf(ok, ...readings);
  }

  private write(body: BodyReader): Uint8Array {
    const id = body.u8();
    const value = body.i32();
    if (id === null || value === null || !body.atEnd) return bodyOf(malformed);
    const channel = slowControlChannelOf(id);
    if (!channel) return bodyOf(unknownChannel);
    if (channel.access !== 'rw') return bodyOf(readOnly);
    const [least, most] = simulatedLimits[channel.name];
    if (value < least || value > most) return bodyOf(outOfLimits);
    this.parts.physics.setpoints[channel.name] = value;
    return bodyOf(ok, id, { i32: value });
  }

  private command(body: BodyReader): Uint8Array {
    const { physics } = this.parts;
    switch (body.u8()) {
      case SlowControlCommand.biasOn:
        if (physics.alarms !== 0) return bodyOf(SlowControlResult.alarmLatched);
        physics.supply.on();
        return bodyOf(ok);
      case SlowControlCommand.biasOff:
        physics.supply.off();
        return bodyOf(ok);
      case SlowControlCommand.biasCut:
        physics.supply.cut();
        return bodyOf(ok);
      case SlowControlCommand.acknowledge:
        physics.acknowledge();
        return bodyOf(ok);
      default:
        return bodyOf(unknownCommand);
    }
  }
}

function limits(body: BodyReader): Uint8Array {
  const id = body.u8();
  if (id === null || !body.atEnd) return bodyOf(malformed);
  const channel = slowControlChannelOf(id);
  if (!channel) return bodyOf(unknownChannel);
  if (channel.access !== 'rw') return bodyOf(readOnly);
  const [least, most] = simulatedLimits[channel.name satisfies SlowControlSetpoint];
  return bodyOf(ok, id, { i32: least }, { i32: most });
}
