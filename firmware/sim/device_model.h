// The verilated flimd_device as a machine to be run cycle by cycle. Its three clocks tick together: the crossings
// between clocks of other ratios are the business of the benches (firmware/tb).
#pragma once
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "core_seat.h"
#include "verilated.h"

namespace flimd_sim {

enum class RunEnd { kCyclesOver = 0, kPacketWhole = 1, kExposureBegun = 2 };

class DeviceModel {
 public:
  DeviceModel(uint8_t* packet, size_t packet_capacity)
      : packet_(packet), packet_capacity_(packet_capacity), device_(std::make_unique<FlimdDevice>(&context_)) {}
  ~DeviceModel() { device_->final(); }

  FlimdDevice& pins() { return *device_; }
  CoreSeat& core() { return core_; }

  // After the straps are set. `cycles`: the sweep of the histogram memory.
  void power_on(uint64_t cycles) {
    pins().rst_n = pins().sensor_rst_n = pins().link_rst_n = 0;
    for (int i = 0; i < 16; i++) cycle(false);
    pins().rst_n = pins().sensor_rst_n = pins().link_rst_n = 1;
    while (cycles-- > 0) cycle(false);
  }

  bool write(uint32_t address, uint32_t value) {
    FlimdDevice& dut = pins();
    dut.s_axil_awaddr = address, dut.s_axil_wdata = value, dut.s_axil_wstrb = 15;
    dut.s_axil_awvalid = dut.s_axil_wvalid = dut.s_axil_bready = 1;
    return !access([&] { return dut.s_axil_awready && dut.s_axil_wready; }, [&] { return dut.s_axil_bvalid; }, [&] { dut.s_axil_awvalid = dut.s_axil_wvalid = 0; }, [&] { return dut.s_axil_bresp; });
  }

  std::optional<uint32_t> read(uint32_t address) {
    FlimdDevice& dut = pins();
    dut.s_axil_araddr = address;
    dut.s_axil_arvalid = dut.s_axil_rready = 1;
    uint32_t value = 0;
    const bool refused = access([&] { return dut.s_axil_arready; }, [&] { return dut.s_axil_rvalid; }, [&] { dut.s_axil_arvalid = 0; }, [&] { return value = dut.s_axil_rdata, dut.s_axil_rresp; });
    return refused ? std::nullopt : std::optional(value);
  }

  // Until a packet is whole, an exposure begins, or the cycles are over. The packet comes first where both happen in
  // one cycle: it is gone with the next run, the exposure waits for take_exposure().
  RunEnd run(uint64_t cycles, bool link_ready) {
    moved_ = false;
    if (packet_whole_) packet_bytes_ = 0, packet_whole_ = false;
    while (cycles-- > 0) {
      cycle(link_ready);
      if (packet_whole_) return RunEnd::kPacketWhole;
      if (exposure_begun_) return RunEnd::kExposureBegun;
    }
    return RunEnd::kCyclesOver;
  }

  // Whether an exposure has begun since this was asked last; register accesses take cycles, too.
  bool take_exposure() { return std::exchange(exposure_begun_, false); }

  // Photons of the exposure under way, pixel and bin in turn; the mark follows by itself.
  void expose(const uint32_t* events, size_t count) {
    events_.assign(events, events + 2 * count);
    next_event_ = 0;
    exposing_ = true;
  }

  size_t packet_bytes() const { return packet_whole_ ? packet_bytes_ : 0; }
  // Whether events, histograms, results or packets moved in the last run.
  bool moved() const { return moved_; }
  uint64_t cycles() const { return cycles_; }

 private:
  // An access ends within some hundred cycles, an arm (which lowers rowsPerPacket row by row) included.
  static constexpr int kMostAccessCycles = 200'000;

  VerilatedContext context_;
  CoreSeat core_;
  uint8_t* packet_;
  size_t packet_capacity_;
  std::unique_ptr<FlimdDevice> device_;
  std::vector<uint32_t> events_;
  size_t next_event_ = 0;
  bool exposing_ = false, exposure_begun_ = false, moved_ = false;
  size_t packet_bytes_ = 0;
  bool packet_whole_ = false;
  uint64_t cycles_ = 0;

  void cycle(bool link_ready) {
    FlimdDevice& dut = pins();
    drive_event(dut);
    dut.m_axis_link_tready = link_ready && !packet_whole_;
    core_.drive(dut);
    dut.clk = dut.sensor_clk = dut.link_clk = 0;
    dut.eval();
    if (dut.rst_n) look(dut);
    dut.clk = dut.sensor_clk = dut.link_clk = 1;
    dut.eval();
    if (dut.rst_n && dut.exposure_start) exposure_begun_ = true;
    cycles_++;
  }

  // A real sensor cannot wait; this one does, so that no photon is lost to the speed of the simulation.
  void drive_event(FlimdDevice& dut) {
    dut.s_event_valid = exposing_ && !dut.s_event_almost_full;
    if (!dut.s_event_valid) return;
    moved_ = true;
    dut.s_event_mark = next_event_ == events_.size();
    if (dut.s_event_mark) {
      exposing_ = false;
      return;
    }
    dut.s_event_pixel = events_[next_event_], dut.s_event_bin = events_[next_event_ + 1];
    next_event_ += 2;
  }

  void look(FlimdDevice& dut) {
    if (core_.look(dut)) moved_ = true;
    if (!dut.m_axis_link_tvalid || !dut.m_axis_link_tready) return;
    moved_ = true;
    const size_t bytes = dut.m_axis_link_tkeep == 0xff ? 8 : 4;
    if (packet_bytes_ + bytes > packet_capacity_) throw std::length_error("the device sent a packet longer than it may");
    const uint64_t word = dut.m_axis_link_tdata;
    std::memcpy(packet_ + packet_bytes_, &word, bytes);
    packet_bytes_ += bytes;
    packet_whole_ = dut.m_axis_link_tlast;
  }

  // True where the answer is an error. The link stands still meanwhile.
  template <class Ready, class Valid, class Release, class Response>
  bool access(Ready ready, Valid valid, Release release, Response response) {
    bool taken = false;
    for (int i = 0; i < kMostAccessCycles; i++) {
      FlimdDevice& dut = pins();
      dut.clk = dut.sensor_clk = dut.link_clk = 0;
      dut.m_axis_link_tready = 0;
      dut.eval();
      const bool taking = !taken && ready();
      if (taken && valid()) {
        const bool refused = response() != 0;
        cycle(false);
        return refused;
      }
      cycle(false);
      if (taking) taken = true, release();
    }
    throw std::runtime_error("the device does not answer a register access");
  }
};

}  // namespace flimd_sim
