// Both ends of the core's streams for test benches.
#pragma once

#include "../vendor/axis.h"
#include "vectors.h"

// `pause` before every beat; nothing by itself.
template <class Pause>
void feed(const Vectors& vectors, flimd::hls_core::BeatStream& in, Pause pause) {
  for (std::uint32_t pixel = 0; pixel < vectors.pixels; ++pixel) {
    for (std::uint32_t bin = 0; bin < vectors.bins; bin += 4) {
      flimd::hls_core::Beat beat;
      std::uint64_t word = 0;
      for (std::uint32_t i = 0; i < 4 && bin + i < vectors.bins; ++i) {
        word |= std::uint64_t{vectors.histograms[pixel * vectors.bins + bin + i]} << (16 * i);
      }
      beat.data = word;
      beat.keep = beat.strb = 0xff;
      beat.last = pixel + 1 == vectors.pixels && bin + 4 >= vectors.bins;
      pause();
      in.write(beat);
    }
  }
}

// The words of all pixels; none where TLAST is missing at the end or stands anywhere else. All are read in any case, or
// a core with a bounded stream would wait forever.
template <class Pause>
std::vector<std::uint64_t> drain(const Vectors& vectors, flimd::hls_core::BeatStream& out, Pause pause) {
  std::vector<std::uint64_t> words;
  bool last_is_right = true;
  for (std::uint32_t at = 0; at < 2 * vectors.pixels; ++at) {
    pause();
    const flimd::hls_core::Beat beat = out.read();
    words.push_back(static_cast<std::uint64_t>(beat.data));
    if (static_cast<bool>(beat.last) != (at + 1 == 2 * vectors.pixels)) {
      if (last_is_right) std::printf("TLAST is wrong at word %u\n", at);
      last_is_right = false;
    }
  }
  if (!last_is_right) words.clear();
  return words;
}

inline bool read_image(const char* path, std::vector<std::uint32_t>& image) {
  image.assign(8192, 0);
  std::FILE* file = std::fopen(path, "rb");
  if (!file) {
    std::printf("cannot open %s\n", path);
    return false;
  }
  for (std::uint32_t& word : image) {
    unsigned char bytes[4];
    if (std::fread(bytes, 1, 4, file) != 4) break;
    word = bytes[0] | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16 | std::uint32_t{bytes[3]} << 24;
  }
  std::fclose(file);
  return true;
}
