// A model in memories of the core, loaded from an image of 32-bit words (hls/README.md has its table; written by
// src/fpga/core-image.ts). A smaller model comes padded with units of weight 0, whose state stays 0.
#pragma once

#include "core.h"

namespace flimd {
namespace hls_core {

constexpr uint32_t kImageMagic = 0x494d4c46;  // "FLMI" in the bytes
constexpr uint32_t kArithmetic = 2;           // of docs/fixed-point.md
constexpr int kImageWords = 8192;             // of the memory that takes the image

// Where the parts of an image begin, in words.
template <int hidden, int head>
struct ImageLayout {
  static constexpr int kRowWords = 2 * words_of(hidden);
  static constexpr int kUpdateWeights = 9;
  static constexpr int kResetWeights = kUpdateWeights + hidden * kRowWords;
  static constexpr int kNewWeights = kResetWeights + hidden * kRowWords;
  static constexpr int kInputWeights = kNewWeights + hidden * kRowWords;
  static constexpr int kPhotonWeights = kInputWeights + hidden;
  static constexpr int kShifts = kPhotonWeights + hidden;
  static constexpr int kUpdateBiases = kShifts + hidden;
  static constexpr int kResetBiases = kUpdateBiases + hidden;
  static constexpr int kNewHiddenBiases = kResetBiases + hidden;
  static constexpr int kNewInputBiases = kNewHiddenBiases + hidden;
  static constexpr int kHeadWeights = kNewInputBiases + hidden;
  static constexpr int kHeadBiases = kHeadWeights + head * kRowWords;
  static constexpr int kHeadShifts = kHeadBiases + head;
  static constexpr int kOutputWeights = kHeadShifts + head;
  static constexpr int kOutputBiases = kOutputWeights + head;
  static constexpr int kOutputShifts = kOutputBiases + kOutputs;
  static constexpr int kBinGates = kOutputShifts + kOutputs;
};

// Whether all of the `count` shifts in the bytes of a word are in bounds.
inline bool shifts_fit(uint32_t word, int count) {
  FLIMD_INLINE
  bool fit = true;
  FLIMD_UNROLLED
  for (int byte = 0; byte < count; ++byte) {
    FLIMD_UNROLL
    const int shift = static_cast<int>((word >> (8 * byte)) & 0xff);
    fit = fit && shift >= 1 && shift <= fixed_point::kMaxShift;
  }
  return fit;
}

// Gates of the bins as they come: each begins after the one before it, and its bins are a run.
struct GateRuns {
  int begun;
  uint16_t before;

  // Whether a bin may have this gate.
  bool take(uint16_t gate) {
    FLIMD_INLINE
    const bool begins = static_cast<int>(gate) == begun;
    const bool goes_on = gate == before || gate == kNoGate;
    begun += begins ? 1 : 0;
    before = gate;
    return begins || goes_on;
  }
};

inline int32_t low_half(uint32_t word) { return static_cast<int16_t>(word & 0xffff); }
inline int32_t high_half(uint32_t word) { return static_cast<int16_t>(word >> 16); }

// Lower half first.
inline void store_half(uint64_t words[], int at, uint32_t half) {
  FLIMD_INLINE
  const uint64_t before = words[at / 2];
  words[at / 2] = at % 2 == 0 ? half : (before & 0xffffffffu) | static_cast<uint64_t>(half) << 32;
}

template <int max_gates, int max_bins>
struct LoadablePlan {
  static constexpr int kGates = max_gates;
  static constexpr int kBins = max_bins;
  uint32_t gate_pairs[(max_bins + 1) / 2];

  uint16_t gate_of(int bin) const { return static_cast<uint16_t>(gate_pairs[bin / 2] >> (16 * (bin % 2))); }
};

struct LoadableRules {
  int gate_count;
  uint32_t photon_limit;
  int32_t feature_min, feature_max, low_ps, high_ps;

  int gates() const { return gate_count; }
  uint32_t min_photons() const { return photon_limit; }
  int32_t photon_feature_min() const { return feature_min; }
  int32_t photon_feature_max() const { return feature_max; }
  int32_t lifetime_min_ps() const { return low_ps; }
  int32_t lifetime_max_ps() const { return high_ps; }
};

template <int hidden>
struct LoadableEncoder {
  static constexpr int kHidden = hidden;
  uint64_t update_words[hidden * words_of(hidden)], reset_words[hidden * words_of(hidden)];
  uint64_t new_words[hidden * words_of(hidden)];
  uint32_t input_words[hidden], photon_words[hidden], shift_words[hidden];
  int32_t update_biases[hidden], reset_biases[hidden], new_hidden_biases[hidden], new_input_biases[hidden];

  uint64_t update_word(int at) const { return update_words[at]; }
  uint64_t reset_word(int at) const { return reset_words[at]; }
  uint64_t new_word(int at) const { return new_words[at]; }
  uint32_t input_word(int unit) const { return input_words[unit]; }
  uint32_t photon_word(int unit) const { return photon_words[unit]; }
  uint32_t shift_word(int unit) const { return shift_words[unit]; }
  int32_t update_bias(int unit) const { return update_biases[unit]; }
  int32_t reset_bias(int unit) const { return reset_biases[unit]; }
  int32_t new_hidden_bias(int unit) const { return new_hidden_biases[unit]; }
  int32_t new_input_bias(int unit) const { return new_input_biases[unit]; }
};

template <int hidden, int head>
struct LoadableHead {
  static constexpr int kHidden = hidden;
  static constexpr int kHead = head;
  uint64_t head_words[head * words_of(hidden)];
  int32_t head_biases[head];
  uint8_t head_shifts[head];
  uint32_t output_words[head];
  int32_t output_biases[kOutputs];
  uint8_t output_shifts[kOutputs];

  uint64_t head_word(int at) const { return head_words[at]; }
  int32_t head_bias(int unit) const { return head_biases[unit]; }
  int head_shift(int unit) const { return head_shifts[unit]; }
  uint32_t output_word(int unit) const { return output_words[unit]; }
  int32_t output_bias(int output) const { return output_biases[output]; }
  int output_shift(int output) const { return output_shifts[output]; }
};

template <int hidden, int head, int max_gates, int max_bins>
struct LoadableModel {
  using Plan = LoadablePlan<max_gates, max_bins>;
  using Rules = LoadableRules;
  using Encoder = LoadableEncoder<hidden>;
  using Head = LoadableHead<hidden, head>;
  using At = ImageLayout<hidden, head>;
  static constexpr int kHidden = hidden;
  static constexpr int kHead = head;
  static constexpr int kGates = max_gates;
  static constexpr int kBins = max_bins;
  static_assert(At::kBinGates + (max_bins + 1) / 2 <= kImageWords, "the image fits its memory");

  Plan plan;
  Rules rules;
  Encoder encoder;
  Head head_layers;
  int bins;        // of the detector; 0 where no image is loaded
  uint64_t hash;   // first 8 bytes of the model hash, the first in the lowest

  // Takes an image over; false, and no model, where it is not one for this core: by its header, a shift out of bounds, or
  // bins that are not runs of all its gates in their order.
  bool load(const uint32_t image[kImageWords]) {
    FLIMD_NOT_INLINE
    const int gates = static_cast<int>(image[3] & 0xffff);
    const int image_bins = static_cast<int>(image[3] >> 16);
    const bool fits = image[0] == kImageMagic && image[1] == kArithmetic &&
                      image[2] == static_cast<uint32_t>(hidden | head << 16) && gates >= 1 && gates <= max_gates &&
                      image_bins >= 1 && image_bins <= max_bins;
    rules.gate_count = gates;
    rules.photon_limit = image[4];
    rules.feature_min = low_half(image[5]);
    rules.feature_max = high_half(image[5]);
    rules.low_ps = static_cast<int32_t>(image[6] & 0xffff);
    rules.high_ps = static_cast<int32_t>(image[6] >> 16);
    constexpr int kBinGates = At::kBinGates;  // a name, for directives take no more
    const int end = fits ? kBinGates + (image_bins + 1) / 2 : 0;
    GateRuns runs = {0, kNoGate};
    bool sound = fits;
    FLIMD_LOOP(load_words)
    FLIMD_ROLLED
    for (int at = At::kUpdateWeights; at < end; ++at) {
      FLIMD_PIPELINE(2)
      FLIMD_TRIPS(kBinGates, kImageWords)
      const uint32_t word = image[at];
      sound = word_fits(at, word, runs) && sound;
      if (at < At::kHeadWeights) store_encoder(at, word);
      else store_head(at, word);
    }
    sound = sound && runs.begun == gates;
    bins = sound ? image_bins : 0;
    hash = sound ? static_cast<uint64_t>(image[8]) << 32 | image[7] : 0;
    return sound;
  }

 private:
  static bool word_fits(int at, uint32_t word, GateRuns& runs) {
    FLIMD_INLINE
    bool fits = true;
    if (at >= At::kBinGates) {
      const bool low = runs.take(static_cast<uint16_t>(word & 0xffff));
      const bool high = runs.take(static_cast<uint16_t>(word >> 16));
      fits = low && high;
    } else if (at >= At::kOutputShifts || (at >= At::kHeadShifts && at < At::kOutputWeights)) {
      fits = shifts_fit(word, 1);
    } else if (at >= At::kShifts && at < At::kUpdateBiases) {
      fits = shifts_fit(word, 4);
    }
    return fits;
  }

  void store_encoder(int at, uint32_t word) {
    FLIMD_INLINE
    const int32_t bias = static_cast<int32_t>(word);
    if (at < At::kResetWeights) store_half(encoder.update_words, at - At::kUpdateWeights, word);
    else if (at < At::kNewWeights) store_half(encoder.reset_words, at - At::kResetWeights, word);
    else if (at < At::kInputWeights) store_half(encoder.new_words, at - At::kNewWeights, word);
    else if (at < At::kPhotonWeights) encoder.input_words[at - At::kInputWeights] = word;
    else if (at < At::kShifts) encoder.photon_words[at - At::kPhotonWeights] = word;
    else if (at < At::kUpdateBiases) encoder.shift_words[at - At::kShifts] = word;
    else if (at < At::kResetBiases) encoder.update_biases[at - At::kUpdateBiases] = bias;
    else if (at < At::kNewHiddenBiases) encoder.reset_biases[at - At::kResetBiases] = bias;
    else if (at < At::kNewInputBiases) encoder.new_hidden_biases[at - At::kNewHiddenBiases] = bias;
    else encoder.new_input_biases[at - At::kNewInputBiases] = bias;
  }

  void store_head(int at, uint32_t word) {
    FLIMD_INLINE
    const int32_t bias = static_cast<int32_t>(word);
    const uint8_t shift = static_cast<uint8_t>(word & 0x1f);  // as shift_of()
    if (at < At::kHeadBiases) store_half(head_layers.head_words, at - At::kHeadWeights, word);
    else if (at < At::kHeadShifts) head_layers.head_biases[at - At::kHeadBiases] = bias;
    else if (at < At::kOutputWeights) head_layers.head_shifts[at - At::kHeadShifts] = shift;
    else if (at < At::kOutputBiases) head_layers.output_words[at - At::kOutputWeights] = word;
    else if (at < At::kOutputShifts) head_layers.output_biases[at - At::kOutputBiases] = bias;
    else if (at < At::kBinGates) head_layers.output_shifts[at - At::kOutputShifts] = shift;
    else plan.gate_pairs[at - At::kBinGates] = word;
  }
};

}  // namespace hls_core
}  // namespace flimd
