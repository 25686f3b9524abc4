// The way of a pixel around the network: photons → validity → features, and back to lifetimes. Pixels that have
// something to compute are gathered into blocks of Encoder::kPixels, so that none is computed for nothing.
//
// Included inside the namespace and target region of each kernel (simd-target.h), after gate-counts-inl.h.

// log2(N / 1024) in Q7 with a linearly interpolated mantissa, clamped to the trained range.
inline std::int32_t photon_feature(const PixelRules& rules, std::uint32_t photons) {
  constexpr int kBits = fixed_point::kInputFractionBits;
  const int exponent = 31 - __builtin_clz(photons);
  const auto mantissa = static_cast<std::int32_t>((photons << kBits) >> exponent) - (1 << kBits);
  const std::int32_t feature = (exponent - fixed_point::kPhotonFeatureCentre) * (1 << kBits) + mantissa;
  if (feature < rules.photon_feature_min) return rules.photon_feature_min;
  return feature > rules.photon_feature_max ? rules.photon_feature_max : feature;
}

template <class Encoder>
class PixelStage {
 public:
  PixelStage(const Encoder& encoder, const PixelRules& rules, const LifetimeJob& job)
      : encoder_(encoder), rules_(rules), job_(job) {
    min_photons_ = job.min_photons > rules.min_photons ? job.min_photons : rules.min_photons;
  }

  void run(std::size_t first, std::size_t end) {
    for (std::size_t pixel = first; pixel < end;) {
      const std::size_t stop = row_end(pixel, end);
      const bool has_data = !job_.rows_valid || job_.rows_valid[pixel / job_.width] != 0;
      for (; pixel < stop; ++pixel) {
        if (has_data) {
          take(pixel);
        } else {
          write_invalid(pixel, 0);
        }
      }
    }
    if (filled_ > 0) flush();
  }

 private:
  std::size_t row_end(std::size_t pixel, std::size_t end) const {
    if (!job_.rows_valid) return end;
    const std::size_t next_row = (pixel / job_.width + 1) * job_.width;
    return next_row < end ? next_row : end;
  }

  void write_invalid(std::size_t pixel, std::uint32_t photons) {
    job_.lifetime_amplitude[pixel] = 0;
    job_.lifetime_intensity[pixel] = 0;
    job_.standard_error_amplitude[pixel] = 0;
    job_.standard_error_intensity[pixel] = 0;
    job_.photons[pixel] = photons;
  }

  void take(std::size_t pixel) {
    gate_counts(rules_, job_.histograms + pixel * static_cast<std::size_t>(rules_.plan.bins), counts_);
    std::uint32_t photons = 0;
    for (int gate = 0; gate < rules_.gates; ++gate) photons += counts_[gate];
    write_invalid(pixel, photons);
    if (photons < min_photons_ || photons > fixed_point::kMaxPhotons) return;
    const std::uint32_t reciprocal = (std::uint32_t{1} << fixed_point::kReciprocalBits) / photons;
    const std::int32_t u = photon_feature(rules_, photons);
    Encoder::write_features(counts_, rules_.gates, reciprocal, u, features_[filled_]);
    pixels_[filled_] = pixel;
    if (++filled_ == Encoder::kPixels) flush();
  }

  void flush() {
    std::int32_t outputs[Encoder::kPixels][kOutputs];
    encoder_.run(features_, rules_.gates, outputs);
    for (int i = 0; i < filled_; ++i) write_valid(pixels_[i], outputs[i]);
    filled_ = 0;
  }

  // Leaves the pixel as it is where a lifetime is out of the trained range.
  void write_valid(std::size_t pixel, const std::int32_t (&outputs)[kOutputs]) {
    const std::int32_t amplitude = saturated(outputs[0]), intensity = saturated(outputs[1]);
    if (!is_trained(amplitude) || !is_trained(intensity)) return;
    job_.lifetime_amplitude[pixel] = static_cast<std::uint16_t>(amplitude);
    job_.lifetime_intensity[pixel] = static_cast<std::uint16_t>(intensity);
    job_.standard_error_amplitude[pixel] = standard_error(outputs[2]);
    job_.standard_error_intensity[pixel] = standard_error(outputs[3]);
  }

  // Below 0 there is nothing to saturate: the trained range begins at 1.
  static std::int32_t saturated(std::int32_t ps) { return ps > 0xffff ? 0xffff : ps; }
  // At least 1: 0 says that there is no estimate.
  static std::uint16_t standard_error(std::int32_t ps) {
    return static_cast<std::uint16_t>(ps < 1 ? 1 : saturated(ps));
  }
  bool is_trained(std::int32_t ps) const { return ps >= rules_.lifetime_min_ps && ps <= rules_.lifetime_max_ps; }

  const Encoder& encoder_;
  const PixelRules& rules_;
  const LifetimeJob& job_;
  std::uint32_t min_photons_;
  int filled_ = 0;
  std::size_t pixels_[Encoder::kPixels];
  alignas(64) std::uint32_t counts_[fixed_point::kMaxGates] = {};
  // [pixel of the block][gate]: x in the low half, u in the high half, the two inputs of an int16 pair product.
  // Slots that were never filled are computed too, and ignored.
  alignas(64) std::uint32_t features_[Encoder::kPixels][fixed_point::kMaxGates] = {};
};
