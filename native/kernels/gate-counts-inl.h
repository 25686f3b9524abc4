// Photons of a pixel in each gate of the model.
//
// Included inside the namespace and target region of each kernel (simd-target.h).

template <int kWidth>
void merge_even_bins(const std::uint16_t* bins, int gates, std::uint32_t* counts) {
  for (int gate = 0; gate < gates; ++gate) {
    std::uint32_t sum = 0;
    for (int bin = 0; bin < kWidth; ++bin) sum += bins[gate * kWidth + bin];
    counts[gate] = sum;
  }
}

inline void merge_uneven_bins(const std::uint16_t* bins, const std::uint16_t* first_bin,
                              const std::uint16_t* end_bin, int gates, std::uint32_t* counts) {
  for (int gate = 0; gate < gates; ++gate) {
    std::uint32_t sum = 0;
    for (int bin = first_bin[gate]; bin < end_bin[gate]; ++bin) sum += bins[bin];
    counts[gate] = sum;
  }
}

// The widths that a power-of-two number of bins and of gates makes have code of their own.
inline void gate_counts(const PixelRules& rules, const std::uint16_t* bins, std::uint32_t* counts) {
  const std::uint16_t* first_bin = rules.plan.first_bin.data();
  const std::uint16_t* start = bins + first_bin[0];
  switch (rules.even_width) {
    case 1: return merge_even_bins<1>(start, rules.gates, counts);
    case 2: return merge_even_bins<2>(start, rules.gates, counts);
    case 4: return merge_even_bins<4>(start, rules.gates, counts);
    case 8: return merge_even_bins<8>(start, rules.gates, counts);
    default: return merge_uneven_bins(bins, first_bin, rules.plan.end_bin.data(), rules.gates, counts);
  }
}
