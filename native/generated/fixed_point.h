// Generated from src/protocol/fixed-point.ts by `npm run generate`, where the meanings stand. Do not edit.
#pragma once

#include <cstdint>

// C++14: the HLS core shares it.
namespace flimd {
namespace fixed_point {

constexpr std::int32_t kMaxPhotons = 1048576;
constexpr std::int32_t kReciprocalBits = 31;
constexpr std::int32_t kFractionShift = 11;
constexpr std::int32_t kFeatureOne = 1024;
constexpr std::int32_t kInputFractionBits = 7;
constexpr std::int32_t kPhotonFeatureCentre = 10;
constexpr std::int32_t kPreActivationFractionBits = 12;
constexpr std::int32_t kStateFractionBits = 15;
constexpr std::int32_t kTanhLimit = 8191;
constexpr std::int32_t kSigmoidLimit = 16383;
constexpr std::int32_t kActivationOne = 32766;
constexpr std::int32_t kOutputPsPerUnit = 8192;
constexpr std::int32_t kDecayOne = 8192;
constexpr std::int32_t kWeightLimit = 127;
constexpr std::int32_t kBiasLimit = 4194304;
constexpr std::int32_t kHeadBiasLimit = 1073741824;
constexpr std::int32_t kMaxShift = 24;
constexpr std::int32_t kPhotonFeatureLimit = 1920;
constexpr std::int32_t kMaxUnits = 64;
constexpr std::int32_t kUnitGranule = 4;
constexpr std::int32_t kMaxGates = 256;

}  // namespace fixed_point
}  // namespace flimd
