// The core with weights at run time as a part of a simulation: registers, beats in, beats out. It holds one block that
// comes in and one that goes out, and takes no beat beyond that: whoever stalls its results stalls its histograms.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "host_core.h"

namespace flimd {
namespace hls_sim {

struct ResultBeat {
  std::uint64_t word;
  bool last;
};

// Addresses of s_axi_control, and the bits of control.
constexpr std::uint32_t kControlRegister = 0x00;
constexpr std::uint32_t kPixelsRegister = 0x10;
constexpr std::uint32_t kMinPhotonsRegister = 0x18;
constexpr std::uint32_t kBinsRegister = 0x20;
constexpr std::uint32_t kLoadRegister = 0x28;
constexpr std::uint32_t kImageRegister = 0x8000;
constexpr std::uint32_t kStart = 1;
constexpr std::uint32_t kDone = 2;  // cleared by reading
constexpr std::uint32_t kIdle = 4;
constexpr std::uint32_t kReady = 8;

class CoreModel {
 public:
  // Pixels of a block, and clock cycles that it takes from its last beat to its first result; 0: results are there at
  // once, and tick() is not needed.
  explicit CoreModel(std::uint32_t block_pixels = 128, std::uint32_t cycles_per_block = 0)
      : block_pixels_(block_pixels), cycles_per_block_(cycles_per_block) {}

  // Loads an image as a `load` call does; false where it is none. Sets the register `bins` to what the image is for.
  bool load(const std::uint32_t* image, std::size_t words);
  // Ends the call under way; keeps the model.
  void reset();

  void write_register(std::uint32_t address, std::uint32_t value);
  std::uint32_t read_register(std::uint32_t address);
  // 0 where no model is loaded.
  std::uint64_t model_hash() const { return core_ ? core_->model_hash() : 0; }

  // s_axis_histograms: push() only while input_ready().
  bool input_ready() const;
  void push(std::uint64_t beat);

  // m_axis_lifetimes: output() and pop() only while output_valid().
  bool output_valid() const { return busy_cycles_ == 0 && !results_.empty(); }
  ResultBeat output() const { return results_.front(); }
  void pop();

  // A cycle of the clock.
  void tick();

 private:
  void take_over(const std::uint32_t* image, std::size_t words);
  void start();
  void advance();
  void compute_block(std::uint32_t pixels);
  std::uint32_t beats_per_pixel() const { return (bins_ + 3) / 4; }
  std::uint32_t next_block() const { return pixels_left_ < block_pixels_ ? pixels_left_ : block_pixels_; }

  std::uint32_t block_pixels_, cycles_per_block_;
  std::unique_ptr<HostCore> core_;
  std::vector<std::uint32_t> image_ = std::vector<std::uint32_t>(8192);
  std::uint32_t pixels_ = 0, min_photons_ = 0, bins_ = 0, load_ = 0;
  bool running_ = false, done_ = false;
  std::uint32_t pixels_left_ = 0;  // that are not computed yet
  std::uint32_t busy_cycles_ = 0;
  std::vector<std::uint64_t> beats_;
  std::deque<ResultBeat> results_;
};

}  // namespace hls_sim
}  // namespace flimd
