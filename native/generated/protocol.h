// Generated from src/protocol by `npm run generate`. Do not edit.
#pragma once

#include <cstddef>
#include <cstdint>

namespace flimd::protocol {

inline constexpr std::uint32_t kPacketMagic = 0x4d494c46;  // "FLIM" in memory
inline constexpr std::uint8_t kPacketVersion = 1;
inline constexpr std::size_t kPacketHeaderBytes = 48;
inline constexpr std::size_t kPacketHeaderCrcSpan = 44;
inline constexpr std::size_t kPacketMaxPayloadBytes = 4194304;
inline constexpr std::uint32_t kCrc32cPolynomial = 0x82f63b78;  // reflected

// Little-endian.
struct PacketHeader {
  std::uint32_t magic;  // the bytes "FLIM"; the decoder resynchronises on it
  std::uint8_t version;  // packet layout version, 1
  std::uint8_t type;  // packet type, see below
  std::uint16_t planes;  // lifetimes packets: bit mask of the planes in the payload; otherwise 0
  std::uint32_t series;  // series the packet belongs to, as the host wrote it before arm; 0 outside a series
  std::uint32_t frame;  // frame number in the series, from 0
  std::uint32_t sequence;  // packet number in the series, from 0, without gaps; on the control channel the request number
  std::uint16_t first_row;  // first image row in the payload
  std::uint16_t row_count;  // image rows in the payload
  std::uint32_t payload_bytes;  // payload length; at most 4 MiB
  std::uint32_t reserved;  // 0
  std::uint64_t device_ticks;  // device clock when the packet was made, in ticks of `tickHz`
  std::uint32_t payload_crc;  // CRC-32C of the payload
  std::uint32_t header_crc;  // CRC-32C of header bytes 0 to 43
};
static_assert(sizeof(PacketHeader) == kPacketHeaderBytes);
static_assert(offsetof(PacketHeader, magic) == 0);
static_assert(offsetof(PacketHeader, version) == 4);
static_assert(offsetof(PacketHeader, type) == 5);
static_assert(offsetof(PacketHeader, planes) == 6);
static_assert(offsetof(PacketHeader, series) == 8);
static_assert(offsetof(PacketHeader, frame) == 12);
static_assert(offsetof(PacketHeader, sequence) == 16);
static_assert(offsetof(PacketHeader, first_row) == 20);
static_assert(offsetof(PacketHeader, row_count) == 22);
static_assert(offsetof(PacketHeader, payload_bytes) == 24);
static_assert(offsetof(PacketHeader, reserved) == 28);
static_assert(offsetof(PacketHeader, device_ticks) == 32);
static_assert(offsetof(PacketHeader, payload_crc) == 40);
static_assert(offsetof(PacketHeader, header_crc) == 44);

enum class PacketType : std::uint8_t {
  kLifetimes = 1,
  kHistograms = 2,
  kTelemetry = 3,
  kEndOfFrame = 4,
  kEndOfSeries = 5,
  kAttach = 16,
  kAttached = 17,
  kRegisterRead = 18,
  kRegisterWrite = 19,
  kRegisterReply = 20,
  kRefused = 21,
};

enum class LifetimePlane : std::uint16_t {
  kMeanLifetimeAmplitude = 1,
  kMeanLifetimeIntensity = 2,
  kPhotons = 4,
  kStandardErrorAmplitude = 8,
  kStandardErrorIntensity = 16,
};

inline constexpr std::uint32_t kRegisterMapMagic = 0x524d4c46;  // "FLMR" in memory
inline constexpr std::uint32_t kRegisterMapVersion = 1;
inline constexpr std::uint32_t kMaxRegisterWords = 256;

// Byte addresses.
namespace registers {
inline constexpr std::uint32_t kMapMagic = 0x000;  // 1 word(s), ro
inline constexpr std::uint32_t kMapVersion = 0x004;  // 1 word(s), ro
inline constexpr std::uint32_t kPacketVersion = 0x008;  // 1 word(s), ro
inline constexpr std::uint32_t kFirmwareVersion = 0x00c;  // 1 word(s), ro
inline constexpr std::uint32_t kSerial = 0x010;  // 4 word(s), ro
inline constexpr std::uint32_t kBitstreamId = 0x020;  // 4 word(s), ro
inline constexpr std::uint32_t kDeviceKind = 0x030;  // 1 word(s), ro
inline constexpr std::uint32_t kWidth = 0x040;  // 1 word(s), ro
inline constexpr std::uint32_t kHeight = 0x044;  // 1 word(s), ro
inline constexpr std::uint32_t kBins = 0x048;  // 1 word(s), ro
inline constexpr std::uint32_t kOutputs = 0x04c;  // 1 word(s), ro
inline constexpr std::uint32_t kMaxPayloadBytes = 0x050;  // 1 word(s), ro
inline constexpr std::uint32_t kTickHz = 0x054;  // 1 word(s), ro
inline constexpr std::uint32_t kBinWidthFs = 0x080;  // 1 word(s), ro
inline constexpr std::uint32_t kLaserPeriodFs = 0x084;  // 1 word(s), ro
inline constexpr std::uint32_t kFramePeriodUs = 0x088;  // 1 word(s), rw
inline constexpr std::uint32_t kModelHash = 0x0c0;  // 2 word(s), ro
inline constexpr std::uint32_t kMinPhotons = 0x0c8;  // 1 word(s), rw
inline constexpr std::uint32_t kCommand = 0x100;  // 1 word(s), wo
inline constexpr std::uint32_t kOutput = 0x104;  // 1 word(s), rw
inline constexpr std::uint32_t kSeries = 0x108;  // 1 word(s), rw
inline constexpr std::uint32_t kFrameLimit = 0x10c;  // 1 word(s), rw
inline constexpr std::uint32_t kRowsPerPacket = 0x110;  // 1 word(s), rw
inline constexpr std::uint32_t kHistogramSource = 0x114;  // 1 word(s), rw
inline constexpr std::uint32_t kState = 0x140;  // 1 word(s), ro
inline constexpr std::uint32_t kFault = 0x144;  // 1 word(s), ro
inline constexpr std::uint32_t kTicks = 0x148;  // 2 word(s), ro
inline constexpr std::uint32_t kPacketsSent = 0x180;  // 1 word(s), ro
inline constexpr std::uint32_t kFramesSent = 0x184;  // 1 word(s), ro
inline constexpr std::uint32_t kFramesDropped = 0x188;  // 1 word(s), ro
inline constexpr std::uint32_t kTemperatureMilliC = 0x1c0;  // 1 word(s), ro
inline constexpr std::uint32_t kBiasMillivolt = 0x1c4;  // 1 word(s), ro
inline constexpr std::uint32_t kPhotonRateHz = 0x1c8;  // 1 word(s), ro
inline constexpr std::uint32_t kPeakPixelRateHz = 0x1cc;  // 1 word(s), ro
inline constexpr std::uint32_t kLaserRateHz = 0x1d0;  // 1 word(s), ro
inline constexpr std::uint32_t kSourceRevision = 0x200;  // 2 word(s), ro
inline constexpr std::uint32_t kErrorFlags = 0x208;  // 1 word(s), w1c
inline constexpr std::uint32_t kLinkStallCycles = 0x20c;  // 1 word(s), ro
inline constexpr std::uint32_t kEventsDropped = 0x210;  // 1 word(s), ro
inline constexpr std::uint32_t kEventsSaturated = 0x214;  // 1 word(s), ro
inline constexpr std::uint32_t kLastRefusal = 0x218;  // 1 word(s), ro
}  // namespace registers

enum class DeviceKind : std::uint32_t {
  kVirtual = 1,
  kFpga = 2,
};
enum class DeviceOutput : std::uint32_t {
  kLifetimes = 1,
  kHistograms = 2,
  kStandardErrors = 4,
};
enum class DeviceCommand : std::uint32_t {
  kArm = 1,
  kStart = 2,
  kStop = 3,
  kAbort = 4,
  kDisarm = 5,
};
enum class DeviceState : std::uint32_t {
  kIdle = 0,
  kArmed = 1,
  kAcquiring = 2,
  kDraining = 3,
  kError = 4,
};
enum class DeviceFault : std::uint32_t {
  kNone = 0,
  kConfiguration = 1,
  kOverheated = 2,
  kLinkOverrun = 3,
};
enum class HistogramSource : std::uint32_t {
  kSensor = 0,
  kInjected = 1,
};
enum class DeviceError : std::uint32_t {
  kEventsLost = 1,
  kBinSaturated = 2,
  kInjectionShort = 4,
  kInjectionLong = 8,
  kCoreMismatch = 16,
  kEventOutside = 32,
};

}  // namespace flimd::protocol
