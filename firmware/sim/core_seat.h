// The lifetime core's place at flimd_device: the HLS core, compiled for the host (hls/sim), behind its AXI-Lite
// registers and its two streams.
#pragma once
#include <cstdint>

#include "FlimdDevice.h"
#include "core_model.h"

namespace flimd_sim {

class CoreSeat {
 public:
  // An image as the core with run-time weights loads it; false where it is none.
  bool load(const uint32_t* image, size_t words) { return core_.load(image, words); }

  // Inputs of the device for the coming edge.
  void drive(FlimdDevice& dut) const {
    dut.m_axil_core_awready = dut.m_axil_core_wready = !answer_write_;
    dut.m_axil_core_bvalid = answer_write_;
    dut.m_axil_core_bresp = dut.m_axil_core_rresp = 0;
    dut.m_axil_core_arready = !answer_read_;
    dut.m_axil_core_rvalid = answer_read_;
    dut.m_axil_core_rdata = read_value_;
    dut.m_axis_histograms_tready = core_.input_ready();
    dut.s_axis_lifetimes_tvalid = core_.output_valid();
    if (!core_.output_valid()) return;
    const auto result = core_.output();
    dut.s_axis_lifetimes_tdata = result.word;
    dut.s_axis_lifetimes_tlast = result.last;
  }

  // Handshakes of the coming edge; true where a beat moves. Both channels of a write come together (core_starter).
  bool look(const FlimdDevice& dut) {
    if (answer_write_ && dut.m_axil_core_bready) {
      answer_write_ = false;
    } else if (!answer_write_ && dut.m_axil_core_awvalid && dut.m_axil_core_wvalid) {
      core_.write_register(dut.m_axil_core_awaddr, dut.m_axil_core_wdata);
      answer_write_ = true;
    }
    if (answer_read_ && dut.m_axil_core_rready) {
      answer_read_ = false;
    } else if (!answer_read_ && dut.m_axil_core_arvalid) {
      read_value_ = core_.read_register(dut.m_axil_core_araddr);
      answer_read_ = true;
    }
    const bool out = dut.s_axis_lifetimes_tvalid && dut.s_axis_lifetimes_tready;
    const bool in = dut.m_axis_histograms_tvalid && dut.m_axis_histograms_tready;
    if (out) core_.pop();
    if (in) core_.push(dut.m_axis_histograms_tdata);
    return out || in;
  }

 private:
  flimd::hls_sim::CoreModel core_;
  bool answer_write_ = false, answer_read_ = false;
  uint32_t read_value_ = 0;
};

}  // namespace flimd_sim
