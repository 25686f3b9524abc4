import { beforeAll, expect, it } from 'vitest';
import { loadRtlAddon, type RtlDevice, RunEnd, type Straps } from '../../src/camera-sim/rtl/rtl-addon.js';
import {
  DeviceCommand,
  DeviceOutput,
  PACKET_HEADER_BYTES,
  type RegisterName,
  register,
} from '../../src/protocol/index.js';
import { PacketCollector } from '../camera-sim/host.js';
import { buildRtlAddon } from '../support/rtl-addon.js';
import { describeWithTool } from '../support/tools.js';

const straps: Straps = {
  width: 8,
  height: 8,
  bins: 8,
  binWidthFs: 1_562_500,
  laserPeriodFs: 12_500_000,
  framePeriodUs: 0,
  firmwareVersion: 1,
  deviceKind: 2,
  outputs: DeviceOutput.histograms,
  tickHz: 1_000_000,
  minPhotons: 0,
  serial: new Uint8Array(16),
  bitstreamId: new Uint8Array(16),
  modelHash: new Uint8Array(8),
};

/** A device without a core, whose exposures follow one another at once; the series has begun. */
function startedDevice(packet: Uint8Array): RtlDevice {
  const device = new (loadRtlAddon().RtlDevice)(straps, null, packet);
  const write = (name: RegisterName, value: number): void =>
    expect(device.write(register(name).address, value), name).toBe(true);
  write('series', 1);
  write('command', DeviceCommand.arm);
  write('command', DeviceCommand.start);
  return device;
}

describeWithTool(['verilator', 'g++'], 'the verilated device as an addon', () => {
  beforeAll(buildRtlAddon, 240_000);

  it('tells of a packet and of an exposure that come in the same cycle', () => {
    const packet = new Uint8Array(PACKET_HEADER_BYTES + 2 ** loadRtlAddon().payloadBits);
    const collector = new PacketCollector();
    const device = startedDevice(packet);
    let exposures = 0;
    let together = 0;
    // Every exposure is an event, that is a cycle, longer than the one before: its successor's begin moves over the
    // end of each packet of the frame being sent.
    while (exposures < 400) {
      const end = device.run(5000, true);
      expect(end).not.toBe(RunEnd.cyclesOver);
      const exposed = device.takeExposure();
      if (exposed) device.expose(new Uint32Array(2 * exposures++));
      if (end !== RunEnd.packetWhole) continue;
      collector.push(packet.subarray(0, device.packetBytes));
      if (exposed) together++;
    }
    const sequence = collector.packets.map((header) => header.sequence);
    expect(sequence).toEqual(sequence.map((_, i) => i));
    expect(together).toBeGreaterThan(0);
    // Two packets a frame; at most two frames are exposed and not yet sent.
    expect(sequence.length).toBeGreaterThanOrEqual(2 * (exposures - 3));
  });

  it('throws where a packet is longer than the array for it', () => {
    const device = startedDevice(new Uint8Array(PACKET_HEADER_BYTES));
    const runOn = (): void => {
      for (;;) {
        device.run(5000, true);
        if (device.takeExposure()) device.expose(new Uint32Array(0));
      }
    };
    expect(runOn).toThrow('longer than it may');
  });
});
