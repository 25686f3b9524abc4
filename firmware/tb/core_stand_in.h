// A stand-in for the lifetime core: its registers, its streams and its habits (blocks of several pixels, results long
// after their histograms), with a function of the histogram that a test can recompute in a line.
#pragma once
#include "bench.h"

namespace bench {

struct Beat {
  uint64_t bits;
  bool last;
  bool operator==(const Beat& other) const { return bits == other.bits && last == other.last; }
};

class CoreStandIn {
 public:
  // Pixels that go in before their results come out.
  unsigned lanes = 1;
  // Beats too many (or too few) at the end of the next call.
  int surplus_beats = 0;
  // The answer to writes: 0 OKAY, 2 SLVERR.
  unsigned response = 0;
  // The core with a model as constants: its slave decodes five address bits, and it knows its bins.
  bool baked = false;
  Source<Beat> results;

  void reset() {
    running_ = false;
    results.forget();
    block_.clear();
    read_pending_ = write_address_taken_ = write_data_taken_ = false;
  }

  // clk, before the edge.
  void look(Dut& dut) {
    if (dut.m_axis_histograms_tvalid && dut.m_axis_histograms_tready) take(dut.m_axis_histograms_tdata, dut.m_axis_histograms_tlast, dut.cfg_bins);
    results.taken(dut.s_axis_lifetimes_tvalid && dut.s_axis_lifetimes_tready);
    if (dut.m_axil_core_awvalid && dut.m_axil_core_awready) write_address_taken_ = true, address_ = dut.m_axil_core_awaddr;
    if (dut.m_axil_core_wvalid && dut.m_axil_core_wready) write_data_taken_ = true, value_ = dut.m_axil_core_wdata;
    if (dut.m_axil_core_arvalid && dut.m_axil_core_arready) read_pending_ = true;
    if (dut.m_axil_core_bvalid && dut.m_axil_core_bready) write();
    if (dut.m_axil_core_rvalid && dut.m_axil_core_rready) read_pending_ = false;
  }

  // clk, after the edge.
  void drive(Dut& dut, Random& random, unsigned stall_percent) {
    dut.m_axil_core_awready = !write_address_taken_ && !random.percent(stall_percent);
    dut.m_axil_core_wready = !write_data_taken_ && !random.percent(stall_percent);
    dut.m_axil_core_bvalid = write_address_taken_ && write_data_taken_;
    dut.m_axil_core_bresp = response;
    dut.m_axil_core_arready = !read_pending_ && !random.percent(stall_percent);
    dut.m_axil_core_rvalid = read_pending_;
    dut.m_axil_core_rresp = 0;
    dut.m_axil_core_rdata = running_ ? 0 : 4;
    dut.m_axis_histograms_tready = running_ && pixels_left_ && results.queue.size() < 64 && !random.percent(stall_percent);
    results.stall_percent = stall_percent;
    const Beat* beat = results.offer(random);
    dut.s_axis_lifetimes_tvalid = beat != nullptr;
    if (beat) dut.s_axis_lifetimes_tdata = beat->bits, dut.s_axis_lifetimes_tlast = beat->last;
    if (running_ && pixels_left_ == 0 && results.queue.empty()) running_ = false;
  }

 private:
  bool running_ = false;
  uint32_t pixels_ = 0, min_photons_ = 0, bins_ = 0, pixels_left_ = 0;
  bool write_address_taken_ = false, write_data_taken_ = false, read_pending_ = false;
  uint32_t address_ = 0, value_ = 0;
  std::vector<uint16_t> counts_;
  std::vector<Beat> block_;

  void write() {
    write_address_taken_ = write_data_taken_ = false;
    const uint32_t decoded = baked ? address_ % 0x20 : address_;
    if (decoded == 0x10) pixels_ = value_;
    else if (decoded == 0x18) min_photons_ = value_;
    else if (decoded == 0x20) bins_ = value_;
    else if (decoded == 0 && value_ == 1) start();
    else if (decoded == 0) check(false, "the core's control was written %u", value_);
    else check(false, "the core's register %x does not exist", address_);
  }

  void start() {
    check(!running_, "the core was started while it worked");
    running_ = true;
    pixels_left_ = pixels_;
    counts_.clear();
  }

  void take(uint64_t beat, bool last, uint32_t bins) {
    check(baked || bins_ == bins, "the core was told of %u bins", bins_);
    for (int lane = 0; lane < 4; lane++) counts_.push_back(static_cast<uint16_t>(beat >> (16 * lane)));
    if (counts_.size() < bins) return;
    finish_pixel();
    check(last == (pixels_left_ == 0), "TLAST of the histograms with %u pixels left", pixels_left_);
  }

  void finish_pixel() {
    uint32_t photons = 0, weighted = 0;
    for (size_t bin = 0; bin < counts_.size(); bin++) photons += counts_[bin], weighted += counts_[bin] * (bin + 1);
    counts_.clear();
    const bool valid = photons >= min_photons_;
    const auto lifetime = [valid](uint32_t value) { return valid ? uint64_t{value & 0xffff} : 0; };
    block_.push_back({lifetime(weighted) | lifetime(weighted ^ photons) << 16 | uint64_t{photons} << 32, false});
    block_.push_back({lifetime(photons * 7 + 1) | lifetime(photons * 13 + 2) << 16, false});
    pixels_left_--;
    if (pixels_left_ && block_.size() < 2 * lanes) return;
    if (pixels_left_ == 0) end_call();
    results.queue.insert(results.queue.end(), block_.begin(), block_.end());
    block_.clear();
  }

  void end_call() {
    for (; surplus_beats > 0; surplus_beats--) block_.push_back({0x0bad0bad0bad0badull, false});
    for (; surplus_beats < 0; surplus_beats++) block_.pop_back();
    block_.back().last = true;
  }
};

}  // namespace bench
