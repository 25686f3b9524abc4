import { FramePool } from '../../../src/acquisition/frame-pool.js';
import { type DecoderCounters, PacketDecoder } from '../../../src/acquisition/packet-decoder.js';
import { type EndOfSeries } from '../../../src/acquisition/packet-payloads.js';
import type { ExpectedOutput } from '../../../src/acquisition/row-writer.js';
import { SeriesReceiver } from '../../../src/acquisition/series-receiver.js';
import { DeviceOutput, type PacketHeader } from '../../../src/protocol/index.js';
import type { RunCounters } from '../../../src/protocol/stream.js';
import { bytesOf, geometry } from './device-truth.js';

export interface SeenFrame {
  frame: number;
  complete: boolean;
  startTicks: number;
  endTicks: number;
  histograms: Uint16Array;
  /** In wire order: amplitude, intensity, photons, standard errors. */
  planes: Uint8Array[];
}

export interface SeenSeries {
  frames: SeenFrame[];
  packets: PacketHeader[];
  end: EndOfSeries | null;
  counters: RunCounters;
  decoder: DecoderCounters;
  /** Payloads of the telemetry packets. */
  telemetry: Uint32Array[];
}

export const expecting = (output: number): ExpectedOutput => ({
  lifetimes: (output & DeviceOutput.lifetimes) !== 0,
  standardErrors: (output & DeviceOutput.standardErrors) !== 0,
  histograms: (output & DeviceOutput.histograms) !== 0,
});

const NO_PACKETS: DecoderCounters = {
  bytesReceived: 0,
  bytesSkipped: 0,
  packetsDecoded: 0,
  packetsInvalid: 0,
};

/** What the daemon makes of the bytes of the link: its decoder, its receiver of a series, its assembler. */
export function receive(bytes: Uint8Array, series: number, output: number): SeenSeries {
  const pool = FramePool.allocate(
    { ...geometry, histograms: true },
    { poolSlots: 4, poolBytes: 1 << 24, leastSlots: 4 },
  );
  const seen: Pick<SeenSeries, 'frames' | 'packets' | 'telemetry'> & { end: EndOfSeries | null } = {
    frames: [],
    packets: [],
    telemetry: [],
    end: null,
  };
  const receiver = new SeriesReceiver(
    {
      pool,
      series,
      expect: expecting(output),
      maxOpenFrames: 2,
      frameTimeoutMs: 1000,
      onEndOfSeries: (end) => (seen.end = end),
      onFrame: ({ slot, frame, complete, startTicks, endTicks }) => {
        const { device, histograms } = pool.slots[slot]!;
        const { lifetimeAmplitude, lifetimeIntensity, photons } = device;
        const { standardErrorAmplitude, standardErrorIntensity } = device;
        const planes = [
          lifetimeAmplitude,
          lifetimeIntensity,
          photons,
          standardErrorAmplitude,
          standardErrorIntensity,
        ].map((plane) => bytesOf(plane).slice());
        seen.frames.push({ frame, complete, startTicks, endTicks, histograms: histograms.slice(), planes });
        pool.release(slot);
      },
    },
    NO_PACKETS,
    0,
  );
  const decoder = new PacketDecoder({
    onPacket: (header, payload) => {
      if (header.series === series) {
        seen.packets.push({ ...header });
        if (header.type === 3) seen.telemetry.push(new Uint32Array(Uint8Array.from(payload).buffer));
      }
      receiver.accept(header, payload, 0);
    },
  });
  decoder.push(bytes);
  return { ...seen, counters: receiver.finish(), decoder: decoder.counters };
}
