// Reading the vectors of a test bench: text of whole numbers. First bins, pixels, min_photons and whether there are
// decays (their number of steps, or 0); then of every pixel its bins and the five results tau_amp, tau_int, photons,
// standard error of tau_amp, of tau_int; then its decay.
#pragma once

#include <cstdint>
#include <cstdio>
#include <vector>

struct Vectors {
  std::uint32_t bins = 0, pixels = 0, min_photons = 0, steps = 0;
  std::vector<std::uint16_t> histograms;  // [pixel][bin]
  std::vector<std::uint64_t> results;     // [pixel][2], as the core gives them
  std::vector<std::uint16_t> decays;      // [pixel][step]
};

inline bool read_number(std::FILE* file, std::uint32_t& number) { return std::fscanf(file, "%u", &number) == 1; }

inline bool read_results(std::FILE* file, Vectors& vectors) {
  std::uint32_t r[5];
  for (std::uint32_t& value : r) {
    if (!read_number(file, value)) return false;
  }
  vectors.results.push_back(r[0] | std::uint64_t{r[1]} << 16 | std::uint64_t{r[2]} << 32);
  vectors.results.push_back(r[3] | std::uint64_t{r[4]} << 16);
  return true;
}

inline bool read_row(std::FILE* file, std::uint32_t length, std::vector<std::uint16_t>& row) {
  for (std::uint32_t i = 0; i < length; ++i) {
    std::uint32_t value = 0;
    if (!read_number(file, value)) return false;
    row.push_back(static_cast<std::uint16_t>(value));
  }
  return true;
}

inline bool read_vectors(const char* path, Vectors& vectors) {
  std::FILE* file = std::fopen(path, "r");
  if (!file) {
    std::printf("cannot open %s\n", path);
    return false;
  }
  bool whole = read_number(file, vectors.bins) && read_number(file, vectors.pixels) &&
               read_number(file, vectors.min_photons) && read_number(file, vectors.steps);
  for (std::uint32_t pixel = 0; whole && pixel < vectors.pixels; ++pixel) {
    whole = read_row(file, vectors.bins, vectors.histograms) && read_results(file, vectors) &&
            read_row(file, vectors.steps, vectors.decays);
  }
  std::fclose(file);
  if (!whole) std::printf("%s ends too early\n", path);
  return whole;
}

// Prints the first result that differs; the number of results that do.
inline int compare_results(const Vectors& vectors, const std::vector<std::uint64_t>& found) {
  int different = 0;
  for (std::size_t i = 0; i < vectors.results.size(); ++i) {
    if (i < found.size() && found[i] == vectors.results[i]) continue;
    if (different++ > 0) continue;
    std::printf("pixel %zu word %zu: %016llx, expected %016llx\n", i / 2, i % 2,
                static_cast<unsigned long long>(i < found.size() ? found[i] : 0),
                static_cast<unsigned long long>(vectors.results[i]));
  }
  return different;
}
