import { readDescription } from '../../camera/camera-description.js';
import { readBlock } from '../../camera/register-values.js';
import { PACKET_MAX_PAYLOAD_BYTES } from '../../protocol/packet.js';
import { DeviceKind, DeviceOutput } from '../../protocol/registers.js';
import type { CameraDescription } from '../../protocol/stream.js';
import type { CameraUnderTest } from '../camera-under-test.js';
import { type Check, type Figures, finding, type Observation } from '../check.js';

const KNOWN_OUTPUTS = Object.values(DeviceOutput).reduce<number>((mask, bit) => mask | bit, 0);
const COUNT_BYTES = 2;

/** What the camera says about itself can be true, and it says the same twice. */
export const identityCheck: Check = {
  name: 'identity',
  about: 'what the camera says it is',
  run: lookAtIdentity,
};

interface Words {
  deviceKind: number;
  outputs: number;
  maxPayloadBytes: number;
}

async function lookAtIdentity({ camera }: CameraUnderTest): Promise<Observation> {
  const { description, registers } = camera;
  const [identity, capabilities] = [
    await readBlock(registers, 'identity'),
    await readBlock(registers, 'capabilities'),
  ];
  const words = {
    deviceKind: identity.number('deviceKind'),
    outputs: capabilities.number('outputs'),
    maxPayloadBytes: capabilities.number('maxPayloadBytes'),
  };
  const again = await readDescription(registers, description.uri);
  const { state, fault } = await camera.readState();
  const sourceRevision = (await camera.readDiagnostics())?.sourceRevision ?? null;
  const texts = [
    ...(JSON.stringify(again) === JSON.stringify(description) ? [] : ['two readings of it differ']),
    ...wrongNames(description, words),
    ...wrongOutputs(words),
    ...wrongPayload(description, words),
    ...(state === 'idle' ? [] : [`the state is ${state}, not idle`]),
    ...(fault === 'none' ? [] : [`it reports the fault ${fault}`]),
  ];
  const figures: Figures = {
    mapVersion: identity.number('mapVersion'),
    packetVersion: identity.number('packetVersion'),
    maxPayloadBytes: words.maxPayloadBytes,
    sourceRevision,
  };
  return {
    summary:
      `register map ${figures['mapVersion']}, packets ${figures['packetVersion']}, ` +
      `source revision ${sourceRevision ?? 'not told'}; idle, no fault`,
    figures,
    findings: texts.map(finding),
  };
}

function wrongNames({ serial, bitstreamId }: CameraDescription, { deviceKind }: Words): string[] {
  const kinds: readonly number[] = Object.values(DeviceKind);
  return [
    ...(/^[\x20-\x7e]+$/.test(serial)
      ? []
      : [
          `the serial number is ${JSON.stringify(serial)}: it must be ASCII, and cameras are told apart by it`,
        ]),
    ...(/^0+$/.test(bitstreamId) ? ['bitstreamId is 0: frames cannot say what they were made with'] : []),
    ...(kinds.includes(deviceKind) ? [] : [`deviceKind is ${deviceKind}, not ${kinds.join(' or ')}`]),
  ];
}

function wrongOutputs({ outputs }: Words): string[] {
  const alone = (outputs & DeviceOutput.standardErrors) !== 0 && (outputs & DeviceOutput.lifetimes) === 0;
  return [
    ...(outputs & ~KNOWN_OUTPUTS ? [`outputs is ${outputs}: it has bits that mean nothing`] : []),
    ...(alone ? ['outputs has standard errors without lifetimes'] : []),
  ];
}

function wrongPayload({ width, bins, outputs }: CameraDescription, { maxPayloadBytes }: Words): string[] {
  const row = outputs.includes('histograms') ? width * bins * COUNT_BYTES : 0;
  return [
    ...(maxPayloadBytes > PACKET_MAX_PAYLOAD_BYTES
      ? [`maxPayloadBytes is ${maxPayloadBytes}, more than the ${PACKET_MAX_PAYLOAD_BYTES} of the protocol`]
      : []),
    ...(maxPayloadBytes < row
      ? [`maxPayloadBytes is ${maxPayloadBytes}, a row of histograms is ${row} bytes`]
      : []),
  ];
}
