// The network's rows regrouped for vector kernels: one 32-bit lane per unit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/lifetime-kernel.h"

namespace flimd {

// How a kernel wants its rows.
struct PackLayout {
  int lanes;           // units in a vector, a "block"
  int units;           // units the kernel computes; those beyond the network's own have weight 0 and stay 0
  int tile_blocks;     // blocks whose accumulators the kernel holds at once
  int group;           // inputs in a lane of the recurrent product: 4 int8 or 2 int16
  int operand_offset;  // added to the state operand to make it unsigned; taken back in the bias

  int blocks() const { return (units + lanes - 1) / lanes; }
  int groups() const { return units / group; }
};

// 32-bit lanes, all 0 at first, that begin on a cache line. Moving keeps the alignment; copying would not.
class LaneArray {
 public:
  explicit LaneArray(std::size_t lanes);
  LaneArray(LaneArray&&) = default;
  std::uint32_t& operator[](std::size_t lane) { return storage_[first_ + lane]; }
  const std::uint32_t* data() const { return storage_.data() + first_; }

 private:
  std::vector<std::uint32_t> storage_;
  std::size_t first_;
};

// A dense layer on int16 inputs: accumulators are `bias + Σ`, results `>> shift`. Biases hold the rounding term.
struct PackedLayer {
  PackedLayer(int lanes, int inputs, const std::vector<std::int8_t>& weights, const std::vector<std::uint8_t>& shifts,
              const std::vector<std::int32_t>& biases);

  int blocks;
  int pairs;          // pairs of inputs
  LaneArray weights;  // [block][pair][lane], two int16
  LaneArray biases;   // [block][lane]
  LaneArray shifts;   // [block][lane]
};

struct PackedNetwork {
  PackedNetwork(const Network& network, const PackLayout& layout);
  ~PackedNetwork();  // not inline: it would be compiled for the target that uses it (simd-target.h)

  LaneArray recurrent;  // [tile][group of inputs][z, r, nh][block of the tile][lane]
  LaneArray inputs;     // [z, r, nx][block][lane], int16 weights of x (low half) and u
  LaneArray biases;     // [z, r, nh, nx][block][lane], with rounding term and operand offset
  LaneArray shifts;     // [z, r, nh, nx][block][lane]
  PackedLayer head;
  PackedLayer output;
};

}  // namespace flimd
