// The tops for Vitis HLS. Registers of s_axi_control: 0x10 pixels, 0x18 min_photons; with weights at run time also
// 0x20 bins, 0x28 load, and the image from 0x8000 on.
#pragma once

#include "axis.h"

// The model of `model.h`.
extern "C" void flimd_core_axis(flimd::hls_core::BeatStream& s_axis_histograms,
                                flimd::hls_core::BeatStream& m_axis_lifetimes, uint32_t pixels, uint32_t min_photons);

// A model loaded at run time. `load` other than 0: takes the image over, and no pixels. `model_hash` is that of the
// loaded model, 0 for none.
extern "C" void flimd_core_loadable(flimd::hls_core::BeatStream& s_axis_histograms,
                                    flimd::hls_core::BeatStream& m_axis_lifetimes, uint32_t pixels,
                                    uint32_t min_photons, uint32_t bins, uint32_t load, const uint32_t image[8192],
                                    uint64_t* model_hash);
