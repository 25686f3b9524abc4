// Lifetimes from decay histograms by the integer network of docs/fixed-point.md. Every implementation behind this
// interface gives the same bits. No N-API here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace flimd {

// Outputs of the network: amplitude-weighted and intensity-weighted mean lifetime, then the standard error of each.
inline constexpr int kOutputs = 4;

// The arrays of a model package, as docs/fixed-point.md §6 orders them; rows of the encoder by kind, then unit.
struct Network {
  int gates = 0;
  int hidden = 0;
  int head = 0;
  std::uint32_t min_photons = 0;
  std::int32_t photon_feature_min = 0;
  std::int32_t photon_feature_max = 0;
  std::int32_t lifetime_min_ps = 0;
  std::int32_t lifetime_max_ps = 0;
  std::vector<std::int8_t> recurrent_weights;  // z, r, nh: [3][hidden][hidden]
  std::vector<std::int8_t> input_weights;      // z, r, nx: [3][hidden]
  std::vector<std::int8_t> photon_weights;     // z, r, nx: [3][hidden]
  std::vector<std::int8_t> head_weights;       // [head][hidden]
  std::vector<std::int8_t> output_weights;     // [kOutputs][head]
  std::vector<std::uint8_t> shifts;            // z, r, nh, nx: [4][hidden]
  std::vector<std::uint8_t> head_shifts;
  std::vector<std::uint8_t> output_shifts;
  std::vector<std::int32_t> biases;  // z, r, nh, nx: [4][hidden]
  std::vector<std::int32_t> head_biases;
  std::vector<std::int32_t> output_biases;
};

// Detector bins of each gate: first_bin[g] <= bin < end_bin[g] <= bins.
struct GatePlan {
  int bins = 0;
  std::vector<std::uint16_t> first_bin;
  std::vector<std::uint16_t> end_bin;
};

struct LifetimeJob {
  const std::uint16_t* histograms = nullptr;  // [pixel][bin]
  std::size_t pixels = 0;
  std::uint32_t min_photons = 0;
  std::uint16_t* lifetime_amplitude = nullptr;  // ps, 0 = invalid
  std::uint16_t* lifetime_intensity = nullptr;
  std::uint16_t* standard_error_amplitude = nullptr;  // ps, 0 = invalid, at least 1 where the lifetime is valid
  std::uint16_t* standard_error_intensity = nullptr;
  std::uint32_t* photons = nullptr;
  const std::uint8_t* rows_valid = nullptr;  // one byte per row of `width` pixels; null: all are
  std::size_t width = 0;
};

enum class Simd { kScalar, kAvx2, kAvx512Vnni };

class LifetimeKernel {
 public:
  virtual ~LifetimeKernel() = default;
  virtual Simd simd() const noexcept = 0;
  // Pixels first … end−1 of the job. Any number of threads may be in it at once.
  virtual void compute(const LifetimeJob& job, std::size_t first, std::size_t end) const noexcept = 0;
};

// Call those of supported_simd() only (kernel-dispatch.h).
std::unique_ptr<LifetimeKernel> make_scalar_kernel(const Network& network, const GatePlan& plan);
std::unique_ptr<LifetimeKernel> make_avx2_kernel(const Network& network, const GatePlan& plan);
std::unique_ptr<LifetimeKernel> make_avx512vnni_kernel(const Network& network, const GatePlan& plan);

}  // namespace flimd
