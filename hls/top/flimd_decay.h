#pragma once

#include <stdint.h>

// Deconvolved decays of `pixels` pixels by the decoder of `model.h`, which has to have one.
//   histograms  photons [pixel][bin], kBins each
//   decays      [pixel][step], kGates each, 8192 = the start of the decay; 0 where a pixel has too few photons or too many
extern "C" void flimd_decay(const uint16_t histograms[], uint32_t pixels, uint16_t decays[]);
