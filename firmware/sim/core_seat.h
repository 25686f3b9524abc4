// The lifetime core's place at flimd_device: its registers and its two streams. What computes sits outside: a frame's
// histograms are written into planes, a row of pixels at a time is handed to `compute_row`, and its results stream back.
#pragma once
#include <cstdint>
#include <cstring>
#include <functional>

#include "FlimdDevice.h"

namespace flimd_sim {

// One frame, row-major; null and 0 where the device has no network.
struct FramePlanes {
  uint16_t* histograms = nullptr;
  const uint16_t* amplitude = nullptr;
  const uint16_t* intensity = nullptr;
  const uint16_t* error_amplitude = nullptr;
  const uint16_t* error_intensity = nullptr;
  const uint32_t* photons = nullptr;
};

class CoreSeat {
 public:
  using ComputeRow = std::function<void(uint32_t row, uint32_t min_photons)>;

  CoreSeat(FramePlanes planes, uint32_t width, uint32_t bins, ComputeRow compute_row)
      : planes_(planes), width_(width), row_beats_(width * bins / 4), compute_row_(std::move(compute_row)) {}

  // Inputs of the device for the coming edge.
  void drive(FlimdDevice& dut) const {
    dut.m_axil_core_awready = dut.m_axil_core_wready = !answer_write_;
    dut.m_axil_core_bvalid = answer_write_;
    dut.m_axil_core_bresp = dut.m_axil_core_rresp = 0;
    dut.m_axil_core_arready = !answer_read_;
    dut.m_axil_core_rvalid = answer_read_;
    dut.m_axil_core_rdata = running() ? 0 : kApIdle;
    dut.m_axis_histograms_tready = running() && beats_in_ < row_beats_ * rows();
    const bool result = beats_out_ < 2 * pixels_ready_;
    dut.s_axis_lifetimes_tvalid = result;
    if (!result) return;
    dut.s_axis_lifetimes_tdata = result_beat(beats_out_ / 2, beats_out_ % 2);
    dut.s_axis_lifetimes_tlast = beats_out_ + 1 == 2 * uint64_t{pixels_};
  }

  // Handshakes of the coming edge; true where a beat moves.
  bool look(const FlimdDevice& dut) {
    if (answer_write_ && dut.m_axil_core_bready) answer_write_ = false;
    else if (dut.m_axil_core_awvalid && dut.m_axil_core_wvalid && !answer_write_) take_write(dut.m_axil_core_awaddr, dut.m_axil_core_wdata);
    if (answer_read_ && dut.m_axil_core_rready) answer_read_ = false;
    else if (dut.m_axil_core_arvalid && !answer_read_) answer_read_ = true;
    bool moved = false;
    if (dut.s_axis_lifetimes_tvalid && dut.s_axis_lifetimes_tready) moved = true, beats_out_++;
    if (dut.m_axis_histograms_tvalid && dut.m_axis_histograms_tready) moved = true, take_beat(dut.m_axis_histograms_tdata);
    return moved;
  }

 private:
  static constexpr uint32_t kApIdle = 4;

  FramePlanes planes_;
  uint32_t width_;
  uint64_t row_beats_;
  ComputeRow compute_row_;
  uint32_t pixels_ = 0, min_photons_ = 0;
  uint64_t beats_in_ = 0, beats_out_ = 0, pixels_ready_ = 0;
  bool answer_write_ = false, answer_read_ = false;

  uint64_t rows() const { return pixels_ / width_; }
  // Of the present call.
  bool started_ = false;
  bool running() const { return started_ && beats_out_ < 2 * uint64_t{pixels_}; }

  void take_write(uint32_t address, uint32_t value) {
    answer_write_ = true;
    if (address == 0x10) pixels_ = value;
    else if (address == 0x18) min_photons_ = value;
    else if (address == 0x00 && (value & 1)) start();
  }

  void start() {
    started_ = true;
    beats_in_ = beats_out_ = pixels_ready_ = 0;
  }

  void take_beat(uint64_t beat) {
    std::memcpy(planes_.histograms + 4 * beats_in_, &beat, sizeof beat);
    if (++beats_in_ % row_beats_ != 0) return;
    compute_row_(static_cast<uint32_t>(beats_in_ / row_beats_ - 1), min_photons_);
    pixels_ready_ += width_;
  }

  uint64_t result_beat(uint64_t pixel, unsigned beat) const {
    if (beat == 1) return planes_.error_amplitude[pixel] | uint64_t{planes_.error_intensity[pixel]} << 16;
    return planes_.amplitude[pixel] | uint64_t{planes_.intensity[pixel]} << 16 | uint64_t{planes_.photons[pixel]} << 32;
  }
};

}  // namespace flimd_sim
