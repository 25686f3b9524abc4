// The core with the model of `model.h` as an IP block.

#include "flimd_core_axis.h"

#include "../core/baked_model.h"

extern "C" void flimd_core_axis(flimd::hls_core::BeatStream& s_axis_histograms,
                                flimd::hls_core::BeatStream& m_axis_lifetimes, uint32_t pixels, uint32_t min_photons) {
  FLIMD_DIRECTIVE_VITIS(HLS INTERFACE axis port = s_axis_histograms)
  FLIMD_DIRECTIVE_VITIS(HLS INTERFACE axis port = m_axis_lifetimes)
  FLIMD_DIRECTIVE_VITIS(HLS INTERFACE s_axilite port = pixels offset = 0x10 bundle = control)
  FLIMD_DIRECTIVE_VITIS(HLS INTERFACE s_axilite port = min_photons offset = 0x18 bundle = control)
  FLIMD_DIRECTIVE_VITIS(HLS INTERFACE s_axilite port = return bundle = control)
  using namespace flimd::hls_core;
  const BakedModel model = {};
  AxisCore<BakedModel, BakedParallel>::run(model, s_axis_histograms, m_axis_lifetimes, flimd::model::kBins, pixels,
                                           min_photons);
}
