#include "kernels/packed-network.h"

namespace flimd {
namespace {

constexpr std::size_t kCacheLineBytes = 64;

// Kinds of rows, in the order of shifts and biases; recurrent weights have the first three, input weights z, r, nx.
enum RowKind { kUpdate, kReset, kNewHidden, kNewInput, kRowKinds };
constexpr int kRecurrentKinds = 3;
constexpr RowKind kInputRows[] = {kUpdate, kReset, kNewInput};

std::uint32_t int8_quad(const std::int8_t* w) {
  std::uint32_t lane = 0;
  for (int i = 0; i < 4; ++i) lane |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(w[i])) << (8 * i);
  return lane;
}

std::uint32_t int16_pair(std::int32_t low, std::int32_t high) {
  return static_cast<std::uint16_t>(low) | static_cast<std::uint32_t>(static_cast<std::uint16_t>(high)) << 16;
}

// With half of 2^shift in the bias, rounding is a plain shift.
std::int32_t rounding_bias(std::int32_t bias, int shift) { return bias + (std::int32_t{1} << (shift - 1)); }

LaneArray pack_recurrent(const Network& network, const PackLayout& layout) {
  const int tile_lanes = layout.tile_blocks * layout.lanes;
  LaneArray packed(static_cast<std::size_t>(layout.groups()) * kRecurrentKinds * layout.blocks() * layout.lanes);
  std::size_t at = 0;
  for (int first_unit = 0; first_unit < layout.blocks() * layout.lanes; first_unit += tile_lanes) {
    for (int input = 0; input < layout.units; input += layout.group) {
      for (int kind = 0; kind < kRecurrentKinds; ++kind) {
        for (int unit = first_unit; unit < first_unit + tile_lanes; ++unit, ++at) {
          // The network's units are a multiple of 4, so that a group is either all its own or all padding.
          if (unit >= network.hidden || input >= network.hidden) continue;
          const std::size_t row = static_cast<std::size_t>(kind) * network.hidden + unit;
          const std::int8_t* w = &network.recurrent_weights[row * network.hidden + input];
          packed[at] = layout.group == 4 ? int8_quad(w) : int16_pair(w[0], w[1]);
        }
      }
    }
  }
  return packed;
}

LaneArray pack_inputs(const Network& network, const PackLayout& layout) {
  const int lanes = layout.blocks() * layout.lanes;
  LaneArray packed(std::size(kInputRows) * lanes);
  for (std::size_t kind = 0; kind < std::size(kInputRows); ++kind) {
    for (int unit = 0; unit < network.hidden; ++unit) {
      const std::size_t row = kind * network.hidden + unit;
      packed[kind * lanes + unit] = int16_pair(network.input_weights[row], network.photon_weights[row]);
    }
  }
  return packed;
}

// What an unsigned operand adds to the sum of a row: offset × Σ weights. Rows of nx have no recurrent weights.
std::int32_t offset_sum(const Network& network, const PackLayout& layout, int kind, int unit) {
  if (kind == kNewInput) return 0;
  const std::size_t row = static_cast<std::size_t>(kind) * network.hidden + unit;
  std::int32_t sum = 0;
  for (int input = 0; input < network.hidden; ++input) sum += network.recurrent_weights[row * network.hidden + input];
  return layout.operand_offset * sum;
}

LaneArray pack_biases(const Network& network, const PackLayout& layout) {
  const int lanes = layout.blocks() * layout.lanes;
  LaneArray packed(static_cast<std::size_t>(kRowKinds) * lanes);
  for (int kind = 0; kind < kRowKinds; ++kind) {
    for (int unit = 0; unit < network.hidden; ++unit) {
      const int row = kind * network.hidden + unit;
      const std::int32_t bias = rounding_bias(network.biases[row], network.shifts[row]);
      packed[kind * lanes + unit] = static_cast<std::uint32_t>(bias - offset_sum(network, layout, kind, unit));
    }
  }
  return packed;
}

LaneArray pack_shifts(const Network& network, const PackLayout& layout) {
  const int lanes = layout.blocks() * layout.lanes;
  LaneArray packed(static_cast<std::size_t>(kRowKinds) * lanes);
  for (int kind = 0; kind < kRowKinds; ++kind) {
    for (int unit = 0; unit < network.hidden; ++unit) {
      packed[kind * lanes + unit] = network.shifts[kind * network.hidden + unit];
    }
  }
  return packed;
}

}  // namespace

LaneArray::LaneArray(std::size_t lanes)
    : storage_(lanes + kCacheLineBytes / sizeof(std::uint32_t)),
      first_((kCacheLineBytes - reinterpret_cast<std::uintptr_t>(storage_.data()) % kCacheLineBytes) /
             sizeof(std::uint32_t)) {}

PackedLayer::PackedLayer(int lanes, int inputs, const std::vector<std::int8_t>& layer_weights,
                         const std::vector<std::uint8_t>& layer_shifts, const std::vector<std::int32_t>& layer_biases)
    : blocks((static_cast<int>(layer_shifts.size()) + lanes - 1) / lanes),
      pairs((inputs + 1) / 2),
      weights(static_cast<std::size_t>(blocks) * pairs * lanes),
      biases(static_cast<std::size_t>(blocks) * lanes),
      shifts(static_cast<std::size_t>(blocks) * lanes) {
  for (int unit = 0; unit < static_cast<int>(layer_shifts.size()); ++unit) {
    biases[unit] = static_cast<std::uint32_t>(rounding_bias(layer_biases[unit], layer_shifts[unit]));
    shifts[unit] = layer_shifts[unit];
    for (int input = 0; input < inputs; input += 2) {
      const std::int8_t* w = &layer_weights[static_cast<std::size_t>(unit) * inputs + input];
      const int lane = (unit / lanes * pairs + input / 2) * lanes + unit % lanes;
      weights[lane] = int16_pair(w[0], input + 1 < inputs ? w[1] : 0);
    }
  }
}

PackedNetwork::PackedNetwork(const Network& network, const PackLayout& layout)
    : recurrent(pack_recurrent(network, layout)),
      inputs(pack_inputs(network, layout)),
      biases(pack_biases(network, layout)),
      shifts(pack_shifts(network, layout)),
      head(layout.lanes, network.hidden, network.head_weights, network.head_shifts, network.head_biases),
      output(layout.lanes, network.head, network.output_weights, network.output_shifts, network.output_biases) {}

PackedNetwork::~PackedNetwork() = default;

}  // namespace flimd
