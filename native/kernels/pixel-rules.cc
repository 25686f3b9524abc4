#include "kernels/pixel-rules.h"

namespace flimd {
namespace {

int even_gate_width(const GatePlan& plan) {
  const int width = plan.end_bin.front() - plan.first_bin.front();
  for (std::size_t gate = 0; gate < plan.first_bin.size(); ++gate) {
    if (plan.end_bin[gate] - plan.first_bin[gate] != width) return 0;
    if (gate > 0 && plan.first_bin[gate] != plan.end_bin[gate - 1]) return 0;
  }
  return width;
}

}  // namespace

PixelRules::PixelRules(const Network& network, const GatePlan& gate_plan)
    : gates(network.gates),
      even_width(even_gate_width(gate_plan)),
      plan(gate_plan),
      min_photons(network.min_photons),
      photon_feature_min(network.photon_feature_min),
      photon_feature_max(network.photon_feature_max),
      lifetime_min_ps(network.lifetime_min_ps),
      lifetime_max_ps(network.lifetime_max_ps) {}

PixelRules::~PixelRules() = default;

}  // namespace flimd
