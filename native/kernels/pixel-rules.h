// What decides about a pixel besides the weights: how bins make gates, and when it is valid.
#pragma once

#include <cstdint>

#include "kernels/lifetime-kernel.h"

namespace flimd {

struct PixelRules {
  PixelRules(const Network& network, const GatePlan& plan);
  ~PixelRules();  // not inline: it would be compiled for the target that uses it (simd-target.h)

  int gates;
  // Every gate has this many bins and begins where the one before ends; 0 where that is not so.
  int even_width;
  GatePlan plan;
  std::uint32_t min_photons;
  std::int32_t photon_feature_min;
  std::int32_t photon_feature_max;
  std::int32_t lifetime_min_ps;
  std::int32_t lifetime_max_ps;
};

}  // namespace flimd
