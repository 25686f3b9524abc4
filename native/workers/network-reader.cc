#include "workers/network-reader.h"

#include "generated/fixed_point.h"
#include "workers/typed-arrays.h"

namespace flimd {
namespace {

int member(const Napi::Object& object, const char* name, std::int64_t low, std::int64_t high) {
  return static_cast<int>(whole_number(object.Get(name), name, low, high));
}

int element(const Napi::Object& object, const char* name, std::uint32_t index, std::int64_t low, std::int64_t high) {
  const Napi::Value pair = object.Get(name);
  if (!pair.IsArray()) throw Napi::TypeError::New(object.Env(), std::string(name) + " is no array");
  return static_cast<int>(whole_number(pair.As<Napi::Array>().Get(index), name, low, high));
}

// The kernels shift by these: 0 or more than 31 would be undefined.
void check_shifts(const Napi::Object& object, const std::vector<std::uint8_t>& shifts) {
  for (const int shift : shifts) {
    if (shift < 1 || shift > fixed_point::kMaxShift) throw Napi::RangeError::New(object.Env(), "shift out of range");
  }
}

}  // namespace

Network read_network(const Napi::Object& object) {
  using namespace fixed_point;
  Network network;
  network.gates = member(object, "gates", 1, kMaxGates);
  network.hidden = member(object, "hidden", kUnitGranule, kMaxUnits);
  network.head = member(object, "head", 1, kMaxUnits);
  if (network.hidden % kUnitGranule != 0) throw Napi::RangeError::New(object.Env(), "hidden is no multiple of 4");
  network.min_photons = static_cast<std::uint32_t>(member(object, "minPhotons", 1, kMaxPhotons));
  network.photon_feature_min = element(object, "photonFeature", 0, -kPhotonFeatureLimit, kPhotonFeatureLimit);
  network.photon_feature_max = element(object, "photonFeature", 1, -kPhotonFeatureLimit, kPhotonFeatureLimit);
  network.lifetime_min_ps = element(object, "lifetimeRangePs", 0, 1, 0xffff);
  network.lifetime_max_ps = element(object, "lifetimeRangePs", 1, 1, 0xffff);
  const auto hidden = static_cast<std::size_t>(network.hidden);
  const auto head = static_cast<std::size_t>(network.head);
  network.recurrent_weights = copied_array<std::int8_t>(object, "recurrentWeights", 3 * hidden * hidden);
  network.input_weights = copied_array<std::int8_t>(object, "inputWeights", 3 * hidden);
  network.photon_weights = copied_array<std::int8_t>(object, "photonWeights", 3 * hidden);
  network.head_weights = copied_array<std::int8_t>(object, "headWeights", head * hidden);
  network.output_weights = copied_array<std::int8_t>(object, "outputWeights", kOutputs * head);
  network.shifts = copied_array<std::uint8_t>(object, "shifts", 4 * hidden);
  network.head_shifts = copied_array<std::uint8_t>(object, "headShifts", head);
  network.output_shifts = copied_array<std::uint8_t>(object, "outputShifts", kOutputs);
  network.biases = copied_array<std::int32_t>(object, "biases", 4 * hidden);
  network.head_biases = copied_array<std::int32_t>(object, "headBiases", head);
  network.output_biases = copied_array<std::int32_t>(object, "outputBiases", kOutputs);
  for (const auto* shifts : {&network.shifts, &network.head_shifts, &network.output_shifts}) {
    check_shifts(object, *shifts);
  }
  return network;
}

GatePlan read_gate_plan(const Napi::Object& object, int gates) {
  GatePlan plan;
  plan.bins = member(object, "bins", 1, 0xffff);
  plan.first_bin = copied_array<std::uint16_t>(object, "firstBin", static_cast<std::size_t>(gates));
  plan.end_bin = copied_array<std::uint16_t>(object, "endBin", static_cast<std::size_t>(gates));
  for (std::size_t gate = 0; gate < plan.first_bin.size(); ++gate) {
    if (plan.first_bin[gate] >= plan.end_bin[gate] || plan.end_bin[gate] > plan.bins) {
      throw Napi::RangeError::New(object.Env(), "gate plan reaches beyond the bins");
    }
  }
  return plan;
}

}  // namespace flimd
