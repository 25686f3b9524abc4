import { type Finding, finding, plural } from './check.js';
import type { SeriesRecord } from './series-probe.js';

/** Errors of the camera that no series may have; lost events and full bins are the sensor's business. */
const grave = ['coreMismatch', 'injectionShort', 'injectionLong', 'eventOutside'];

/** What is wrong with a series, whatever it was for; `aborted`: its last frame may be cut. */
export function seriesFindings(record: SeriesRecord, aborted = false): Finding[] {
  const texts = [
    ...lossesIn(record),
    ...(aborted ? [] : cutFramesIn(record)),
    ...orderOf(record),
    ...deviceFaults(record),
  ];
  return texts.map((text) => finding(`series ${record.series}: ${text}`));
}

export const lawsInWords = ({ laws }: SeriesRecord): string =>
  laws.every(({ holds }) => holds) ? 'both conservation laws hold' : 'a conservation law is broken';

function lossesIn({ counters, laws }: SeriesRecord): string[] {
  const { packetsLost, packetsSent, packetsInvalid, bytesSkipped, packetsDuplicated, packetsForeign } =
    counters;
  return [
    ...(packetsLost > 0 ? [`${packetsLost} of ${packetsSent} packets lost`] : []),
    ...(packetsInvalid > 0 ? [`${plural(packetsInvalid, 'packet')} damaged or of no such series`] : []),
    ...(bytesSkipped > 0 ? [`${plural(bytesSkipped, 'byte')} that are no packet`] : []),
    ...(packetsDuplicated > 0 ? [`${plural(packetsDuplicated, 'packet')} came twice`] : []),
    ...(packetsForeign > 0 ? [`${plural(packetsForeign, 'packet')} with another series number`] : []),
    ...laws
      .filter(({ holds }) => !holds)
      .map(({ law, left, right }) => `${law} does not hold: ${left}, ${right}`),
  ];
}

function cutFramesIn({ frames, counters, device }: SeriesRecord): string[] {
  const partial = frames.filter(({ complete }) => !complete);
  // Frames for which the host had no buffer are the host's fault.
  const delivered = counters.framesPublished + counters.framesDropped;
  return [
    ...(partial.length > 0
      ? [`${plural(partial.length, 'frame')} with rows missing, the first is frame ${partial[0]!.frame}`]
      : []),
    ...(delivered !== device.framesSent
      ? [`the camera counts ${device.framesSent} frames sent, ${delivered} arrived`]
      : []),
  ];
}

/** Frame numbers and device clock of frames in the order in which they arrived. */
function orderOf({ frames }: SeriesRecord): string[] {
  const texts: string[] = [];
  frames.forEach((now, i) => {
    if (now.complete && now.endTicks <= now.startTicks) {
      texts.push(`frame ${now.frame} ends at tick ${now.endTicks}, not after its start at ${now.startTicks}`);
    }
    const before = frames[i - 1];
    if (!before) return;
    if (now.frame <= before.frame) texts.push(`frame ${now.frame} came behind frame ${before.frame}`);
    else if (now.startTicks <= before.startTicks) {
      texts.push(
        `frame ${now.frame} starts at tick ${now.startTicks}, not after frame ${before.frame} at ${before.startTicks}`,
      );
    }
  });
  return texts.length > 3
    ? [...texts.slice(0, 3), `and ${texts.length - 3} more frames out of order`]
    : texts;
}

function deviceFaults({ health, diagnostics }: SeriesRecord): string[] {
  const errors = diagnostics?.errors.filter((name) => grave.includes(name)) ?? [];
  return [
    ...(health.fault === 'none' ? [] : [`the camera reports the fault ${health.fault}`]),
    ...(errors.length > 0 ? [`the camera reports ${errors.join(', ')}`] : []),
  ];
}
