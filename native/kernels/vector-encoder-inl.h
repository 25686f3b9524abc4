// The integer network for a block of pixels, in the vector operations of `Ops` (avx2-kernel.cc,
// avx512vnni-kernel.cc).
//
// Lanes are output units: a 32-bit vector holds the accumulators of Ops::kLanes units (a "block") of one pixel. Two
// pixels' accumulators, scaled, are packed into one int16 vector (a "pair"): within every 128-bit lane four units of
// the even pixel, then the same four units of the odd one. Inputs of a dot product are broadcast from memory. Weights
// are loaded once for all pixels of the block.
//
// Included inside the namespace and target region of each kernel (simd-target.h).

// body(0), body(1), … with constants for arguments, so that arrays indexed by them become registers.
template <int kCount, class Body>
inline void unrolled(const Body& body) {
  [&]<int... kIndex>(std::integer_sequence<int, kIndex...>) {
    (body(std::integral_constant<int, kIndex>{}), ...);
  }(std::make_integer_sequence<int, kCount>{});
}

template <class Ops, int kUnits>
class VectorEncoder {
  using V = typename Ops::V;

 public:
  static constexpr int kBlocks = (kUnits + Ops::kLanes - 1) / Ops::kLanes;
  static constexpr int kTileBlocks = kBlocks < Ops::kMaxTileBlocks ? kBlocks : Ops::kMaxTileBlocks;
  // As many pixels as the registers can hold accumulators of z, r and nh for.
  static constexpr int kPixels = Ops::kTileVectors / kTileBlocks;

  explicit VectorEncoder(const Network& network)
      : packed_(network, PackLayout{Ops::kLanes, kUnits, kTileBlocks, Ops::kGroup, Ops::kOperandOffset}) {}

  static void write_features(const std::uint32_t* counts, int gates, std::uint32_t reciprocal, std::int32_t u,
                             std::uint32_t* features) {
    const V scale = Ops::broadcast(&reciprocal);
    const std::uint32_t high_half = static_cast<std::uint32_t>(u) << 16;
    const V photon_feature = Ops::broadcast(&high_half);
    for (int gate = 0; gate < gates; gate += Ops::kLanes) {
      const V share = Ops::template shift_right<fixed_point::kFractionShift>(
          Ops::multiply32(Ops::load(counts + gate), scale));
      Ops::store(features + gate, Ops::bit_or(Ops::floor_sqrt(share), photon_feature));
    }
  }

  // Flattened: a loop body left as a function would keep its accumulators in memory.
  [[gnu::flatten]] void run(const std::uint32_t (*features)[fixed_point::kMaxGates], int gates,
           std::int32_t (*outputs)[kOutputs]) const {
    State state;
    clear(state);
    for (int gate = 0; gate < gates; ++gate) {
      const std::uint32_t* inputs[kPixels];
      for (int p = 0; p < kPixels; ++p) inputs[p] = &features[p][gate];
      const unsigned char* operands = state.operands[gate % 2];
      unsigned char* next_operands = state.operands[(gate + 1) % 2];
      for (int tile = 0; tile < kTiles; ++tile) step_tile(tile, inputs, operands, next_operands, state.words);
    }
    decode(state.words, outputs);
  }

 private:
  static constexpr int kTiles = kBlocks / kTileBlocks;
  static constexpr int kPairs = kPixels / 2;
  static constexpr int kGroups = kUnits / Ops::kGroup;
  static constexpr int kVectorBytes = static_cast<int>(sizeof(V));
  static constexpr int kStateBytes = kBlocks * kPairs * kVectorBytes;
  static constexpr int kUnitsPer128 = 4;
  static constexpr int kMaxHeadBlocks = fixed_point::kMaxUnits / Ops::kLanes;
  static_assert(kPixels % 2 == 0 && kBlocks % kTileBlocks == 0);

  enum RowKind { kUpdate, kReset, kNewHidden, kNewInput };
  static constexpr int kRecurrentKinds = 3;

  struct State {
    alignas(64) unsigned char words[kStateBytes];        // h, int16 [block][pair]
    alignas(64) unsigned char operands[2][kStateBytes];  // d, of this gate and of the next
  };

  // Accumulators of z, r, nh for the blocks of a tile.
  struct Sums {
    V of[kRecurrentKinds][kTileBlocks][kPixels];
  };

  static void clear(State& state) {
    for (int at = 0; at < kStateBytes; at += kVectorBytes) {
      Ops::store(state.words + at, Ops::zero());
      Ops::store(state.operands[0] + at, Ops::operand(Ops::zero()));
    }
  }

  // Byte of four consecutive units of a pixel in int16 pairs.
  static constexpr int quad_at(int quad, int pixel) {
    constexpr int kQuads = Ops::kLanes / kUnitsPer128;
    return ((quad / kQuads) * kPairs + pixel / 2) * kVectorBytes + (quad % kQuads) * 16;
  }
  static constexpr int words_at(int unit, int pixel) {
    return quad_at(unit / kUnitsPer128, pixel) + (pixel % 2) * 8 + (unit % kUnitsPer128) * 2;
  }
  static constexpr int operands_at(int unit, int pixel) {
    return quad_at(unit / kUnitsPer128, pixel) + Ops::operand_at(unit % kUnitsPer128, pixel % 2);
  }

  V row(const LaneArray& rows, int kind, int block) const {
    return Ops::load(rows.data() + (kind * kBlocks + block) * Ops::kLanes);
  }

  void step_tile(int tile, const std::uint32_t* const (&inputs)[kPixels], const unsigned char* operands,
                 unsigned char* next_operands, unsigned char* words) const {
    Sums sums = input_sums(tile, inputs);
    add_recurrent(tile, operands, sums);
    unrolled<kTileBlocks>([&](auto b) {
      unrolled<kPairs>([&](auto pair) {
        const int block = tile * kTileBlocks + b;
        const int at = (block * kPairs + pair) * kVectorBytes;
        const V h = update<b, pair>(block, inputs, sums, Ops::load(words + at));
        Ops::store(words + at, h);
        Ops::store(next_operands + at, Ops::operand(h));
      });
    });
  }

  // Bias and inputs of z and r; of nh the bias alone.
  Sums input_sums(int tile, const std::uint32_t* const (&inputs)[kPixels]) const {
    Sums sums;
    unrolled<kTileBlocks>([&](auto b) {
      const int block = tile * kTileBlocks + b;
      unrolled<kPixels>([&](auto p) {
        sums.of[kUpdate][b][p] = input_sum(kUpdate, kUpdate, block, inputs[p]);
        sums.of[kReset][b][p] = input_sum(kReset, kReset, block, inputs[p]);
        sums.of[kNewHidden][b][p] = row(packed_.biases, kNewHidden, block);
      });
    });
    return sums;
  }

  V input_sum(int bias_kind, int input_kind, int block, const std::uint32_t* input) const {
    return Ops::dot_words(row(packed_.biases, bias_kind, block), Ops::broadcast(input),
                          row(packed_.inputs, input_kind, block));
  }

  void add_recurrent(int tile, const unsigned char* operands, Sums& sums) const {
    constexpr int kGroupLanes = kRecurrentKinds * kTileBlocks * Ops::kLanes;
    const std::uint32_t* weights = packed_.recurrent.data() + tile * kGroups * kGroupLanes;
    unrolled<kGroups>([&](auto group) {
      V inputs[kPixels];
      unrolled<kPixels>([&](auto p) { inputs[p] = Ops::broadcast(operands + operands_at(group * Ops::kGroup, p)); });
      unrolled<kRecurrentKinds>([&](auto kind) {
        unrolled<kTileBlocks>([&](auto b) {
          const V w = Ops::load(weights + group * kGroupLanes + (kind * kTileBlocks + b) * Ops::kLanes);
          unrolled<kPixels>([&](auto p) {
            sums.of[kind][b][p] = Ops::dot_group(sums.of[kind][b][p], inputs[p], w);
          });
        });
      });
    });
  }

  // The new state of one block of a pair of pixels (docs/fixed-point.md §2, steps 3 to 6).
  template <int b, int pair>
  V update(int block, const std::uint32_t* const (&inputs)[kPixels], const Sums& sums, V h) const {
    constexpr int kEven = 2 * pair, kOdd = 2 * pair + 1;
    const auto scaled = [&](int kind, V even, V odd) {
      const V shift = row(packed_.shifts, kind, block);
      return Ops::pack(Ops::shift_right_each(even, shift), Ops::shift_right_each(odd, shift));
    };
    const auto recurrent = [&](int kind) { return scaled(kind, sums.of[kind][b][kEven], sums.of[kind][b][kOdd]); };
    // Rows of the input weights are z, r, nx.
    const auto new_input = [&](int pixel) { return input_sum(kNewInput, kNewHidden, block, inputs[pixel]); };
    const V z = Ops::sigmoid(recurrent(kUpdate));
    const V r = Ops::sigmoid(recurrent(kReset));
    const V p_input = scaled(kNewInput, new_input(kEven), new_input(kOdd));
    const V n = Ops::tanh(Ops::add_saturated(p_input, Ops::mulhrs(r, recurrent(kNewHidden))));
    // |h| and |n| are at most 32766, and so is their weighted mean: no saturation.
    return Ops::add16(Ops::mulhrs(z, h), Ops::mulhrs(Ops::complement(z), n));
  }

  void decode(const unsigned char* state, std::int32_t (*outputs)[kOutputs]) const {
    alignas(64) unsigned char layer[kMaxHeadBlocks * kPairs * kVectorBytes];
    for (int block = 0; block < packed_.head.blocks; ++block) {
      V sums[kPixels];
      add_layer(packed_.head, block, state, sums);
      for (int pair = 0; pair < kPairs; ++pair) {
        const V unit = Ops::tanh(Ops::pack(sums[2 * pair], sums[2 * pair + 1]));
        Ops::store(layer + (block * kPairs + pair) * kVectorBytes, unit);
      }
    }
    V sums[kPixels];
    add_layer(packed_.output, 0, layer, sums);
    for (int p = 0; p < kPixels; ++p) {
      alignas(64) std::int32_t lanes[Ops::kLanes];
      Ops::store(lanes, sums[p]);
      for (int output = 0; output < kOutputs; ++output) outputs[p][output] = lanes[output];
    }
  }

  // One block of a dense layer on the int16 pairs in `words`, scaled.
  static void add_layer(const PackedLayer& layer, int block, const unsigned char* words, V (&sums)[kPixels]) {
    const std::uint32_t* weights = layer.weights.data() + block * layer.pairs * Ops::kLanes;
    unrolled<kPixels>([&](auto p) { sums[p] = Ops::load(layer.biases.data() + block * Ops::kLanes); });
    for (int pair = 0; pair < layer.pairs; ++pair, weights += Ops::kLanes) {
      const V w = Ops::load(weights);
      const unsigned char* inputs = words + words_at(2 * pair, 0);
      unrolled<kPixels>(
          [&](auto p) { sums[p] = Ops::dot_words(sums[p], Ops::broadcast(inputs + words_at(0, p)), w); });
    }
    const V shift = Ops::load(layer.shifts.data() + block * Ops::kLanes);
    unrolled<kPixels>([&](auto p) { sums[p] = Ops::shift_right_each(sums[p], shift); });
  }

  PackedNetwork packed_;
};
