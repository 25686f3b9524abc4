// Generated from src/protocol/fixed-point.ts by `npm run generate`, where the meanings stand. Do not edit.
#pragma once

#include <cstdint>

namespace flimd::fixed_point {

inline constexpr std::int32_t kMaxPhotons = 1048576;
inline constexpr std::int32_t kReciprocalBits = 31;
inline constexpr std::int32_t kFractionShift = 11;
inline constexpr std::int32_t kFeatureOne = 1024;
inline constexpr std::int32_t kInputFractionBits = 7;
inline constexpr std::int32_t kPhotonFeatureCentre = 10;
inline constexpr std::int32_t kPreActivationFractionBits = 12;
inline constexpr std::int32_t kStateFractionBits = 15;
inline constexpr std::int32_t kTanhLimit = 8191;
inline constexpr std::int32_t kSigmoidLimit = 16383;
inline constexpr std::int32_t kActivationOne = 32766;
inline constexpr std::int32_t kOutputPsPerUnit = 8192;
inline constexpr std::int32_t kDecayOne = 8192;
inline constexpr std::int32_t kWeightLimit = 127;
inline constexpr std::int32_t kBiasLimit = 4194304;
inline constexpr std::int32_t kHeadBiasLimit = 1073741824;
inline constexpr std::int32_t kMaxShift = 24;
inline constexpr std::int32_t kPhotonFeatureLimit = 1920;
inline constexpr std::int32_t kMaxUnits = 64;
inline constexpr std::int32_t kUnitGranule = 4;
inline constexpr std::int32_t kMaxGates = 256;

}  // namespace flimd::fixed_point
