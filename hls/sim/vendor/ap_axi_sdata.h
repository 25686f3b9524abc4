// Stand-in of the vendor's header for the host: what the core uses of an AXI-Stream beat.
#pragma once

#include <cstdint>

template <int data_bits, int user_bits, int id_bits, int destination_bits>
struct ap_axiu {
  static_assert(data_bits == 64 && user_bits == 0 && id_bits == 0 && destination_bits == 0, "the core's own beats only");
  std::uint64_t data;
  std::uint8_t keep;
  std::uint8_t strb;
  bool last;
};
