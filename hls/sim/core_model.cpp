#include "core_model.h"

#include <stdexcept>

namespace flimd {
namespace hls_sim {

bool CoreModel::load(const std::uint32_t* image, std::size_t words) {
  take_over(image, words);
  if (core_) bins_ = static_cast<std::uint32_t>(core_->bins());
  return core_ != nullptr;
}

// What the core refuses leaves it without a model.
void CoreModel::take_over(const std::uint32_t* image, std::size_t words) {
  try {
    core_ = make_host_core(image, words);
  } catch (const std::invalid_argument&) {
    core_ = nullptr;
  }
}

void CoreModel::reset() {
  running_ = done_ = false;
  pixels_left_ = busy_cycles_ = 0;
  beats_.clear();
  results_.clear();
}

void CoreModel::write_register(std::uint32_t address, std::uint32_t value) {
  if (address == kControlRegister && (value & kStart) != 0 && !running_) start();
  if (address == kPixelsRegister) pixels_ = value;
  if (address == kMinPhotonsRegister) min_photons_ = value;
  if (address == kBinsRegister) bins_ = value;
  if (address == kLoadRegister) load_ = value;
  if (address >= kImageRegister && address < kImageRegister + 4 * image_.size()) {
    image_[(address - kImageRegister) / 4] = value;
  }
}

std::uint32_t CoreModel::read_register(std::uint32_t address) {
  if (address == kControlRegister) {
    const std::uint32_t control = running_ ? kStart : kIdle | (done_ ? kDone | kReady : 0);
    done_ = false;
    return control;
  }
  if (address == kPixelsRegister) return pixels_;
  if (address == kMinPhotonsRegister) return min_photons_;
  if (address == kBinsRegister) return bins_;
  return address == kLoadRegister ? load_ : 0;
}

void CoreModel::start() {
  done_ = false;
  if (load_ != 0) {
    take_over(image_.data(), image_.size());
    done_ = true;
    return;
  }
  running_ = true;
  pixels_left_ = pixels_;
  advance();
}

bool CoreModel::input_ready() const {
  return running_ && beats_.size() < std::size_t{next_block()} * beats_per_pixel();
}

void CoreModel::push(std::uint64_t beat) {
  beats_.push_back(beat);
  advance();
}

void CoreModel::pop() {
  results_.pop_front();
  advance();
}

void CoreModel::tick() {
  if (busy_cycles_ > 0) --busy_cycles_;
}

// The block that is whole goes into the recurrence as soon as the one before is out.
void CoreModel::advance() {
  if (!running_ || !results_.empty()) return;
  const std::uint32_t pixels = next_block();
  if (pixels > 0 && beats_.size() == std::size_t{pixels} * beats_per_pixel()) {
    compute_block(pixels);
  } else if (pixels == 0) {
    running_ = false;
    done_ = true;
  }
}

void CoreModel::compute_block(std::uint32_t pixels) {
  std::vector<std::uint64_t> words(std::size_t{2} * pixels);
  if (core_ && static_cast<std::uint32_t>(core_->bins()) == bins_) {
    std::vector<std::uint16_t> histograms(std::size_t{pixels} * bins_);
    for (std::size_t at = 0; at < histograms.size(); ++at) {
      const std::size_t pixel = at / bins_, bin = at % bins_;
      histograms[at] = static_cast<std::uint16_t>(beats_[pixel * beats_per_pixel() + bin / 4] >> (16 * (bin % 4)));
    }
    core_->compute(histograms.data(), pixels, min_photons_, words.data());
  }
  beats_.clear();
  pixels_left_ -= pixels;
  busy_cycles_ = cycles_per_block_;
  for (std::size_t at = 0; at < words.size(); ++at) {
    results_.push_back({words[at], pixels_left_ == 0 && at + 1 == words.size()});
  }
}

}  // namespace hls_sim
}  // namespace flimd
