// The core with weights in memories as an IP block: a lab changes its model without synthesis.

#include "flimd_core_axis.h"

#include "../core/loadable_model.h"
#include "loadable_size.h"

extern "C" void flimd_core_loadable(flimd::hls_core::BeatStream& s_axis_histograms,
                                    flimd::hls_core::BeatStream& m_axis_lifetimes, uint32_t pixels,
                                    uint32_t min_photons, uint32_t bins, uint32_t load, const uint32_t image[8192],
                                    uint64_t* model_hash) {
  FLIMD_DIRECTIVE_VITIS(HLS INTERFACE axis port = s_axis_histograms)
  FLIMD_DIRECTIVE_VITIS(HLS INTERFACE axis port = m_axis_lifetimes)
  FLIMD_DIRECTIVE_VITIS(HLS INTERFACE s_axilite port = pixels offset = 0x10 bundle = control)
  FLIMD_DIRECTIVE_VITIS(HLS INTERFACE s_axilite port = min_photons offset = 0x18 bundle = control)
  FLIMD_DIRECTIVE_VITIS(HLS INTERFACE s_axilite port = bins offset = 0x20 bundle = control)
  FLIMD_DIRECTIVE_VITIS(HLS INTERFACE s_axilite port = load offset = 0x28 bundle = control)
  FLIMD_DIRECTIVE_VITIS(HLS INTERFACE s_axilite port = image offset = 0x8000 bundle = control)
  FLIMD_DIRECTIVE_VITIS(HLS INTERFACE ap_none port = model_hash)
  FLIMD_DIRECTIVE_VITIS(HLS INTERFACE s_axilite port = return bundle = control)
  using namespace flimd::hls_core;
  using Model = LoadableModel<kLoadableUnits, kLoadableUnits, kLoadableGates, kLoadableBins>;
  using Axis = AxisCore<Model, LoadableParallel>;
  static Model model;
  if (load != 0) {
    model.load(image);
  } else if (model.bins != 0 && static_cast<uint32_t>(model.bins) == bins) {
    Axis::run(model, s_axis_histograms, m_axis_lifetimes, model.bins, pixels, min_photons);
  } else {
    Axis::answer_nothing(s_axis_histograms, m_axis_lifetimes, static_cast<int>(bins), pixels);
  }
  *model_hash = model.hash;
}
