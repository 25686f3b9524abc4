#pragma once

#include <stdint.h>

// Pixels of a call, at most: the static size of the arrays for tools that need one.
#define FLIMD_MAX_PIXELS 16384

// Lifetimes of `pixels` pixels, in their order.
//   histograms   photons [pixel][bin], kBins of model.h each
//   min_photons  pixels with fewer are invalid; raises the model's limit, never lowers it
//   results      [pixel][2]: tau_amp ps (15:0), tau_int ps (31:16), photons (63:32); then the standard error of tau_amp
//                (15:0) and of tau_int (31:16), 0 (63:32). Lifetimes and errors of an invalid pixel are 0.
extern "C" void flimd_core(const uint16_t histograms[], uint32_t pixels, uint32_t min_photons, uint64_t results[]);
