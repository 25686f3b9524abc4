// The world around flimd_device: a host at its registers and at its link, a sensor, the core's stand-in.
#pragma once
#include "core_stand_in.h"

namespace bench {

// One access at a time, its channels in any order.
class RegisterMaster {
 public:
  bool busy() const { return write_ || read_; }
  bool refused = false;
  uint32_t value = 0;

  void write(uint32_t address, uint32_t word, unsigned strobes) {
    write_ = true;
    address_ = address, value = word, strobes_ = strobes;
    data_sent_ = false;
    address_sent_ = false;
  }
  void read(uint32_t address) {
    read_ = true;
    address_ = address;
    address_sent_ = false;
  }
  void look(Dut& dut) {
    if (dut.s_axil_awvalid && dut.s_axil_awready) address_sent_ = true;
    if (dut.s_axil_wvalid && dut.s_axil_wready) data_sent_ = true;
    if (dut.s_axil_arvalid && dut.s_axil_arready) address_sent_ = true;
    if (dut.s_axil_bvalid && dut.s_axil_bready) write_ = false, refused = dut.s_axil_bresp != 0;
    if (dut.s_axil_rvalid && dut.s_axil_rready) read_ = false, refused = dut.s_axil_rresp != 0, value = dut.s_axil_rdata;
  }
  void drive(Dut& dut, Random& random) {
    dut.s_axil_awaddr = dut.s_axil_araddr = address_;
    dut.s_axil_wdata = value;
    dut.s_axil_wstrb = strobes_;
    dut.s_axil_awvalid = write_ && !address_sent_ && (dut.s_axil_awvalid || !random.percent(30));
    dut.s_axil_wvalid = write_ && !data_sent_ && (dut.s_axil_wvalid || !random.percent(30));
    dut.s_axil_arvalid = read_ && !address_sent_ && (dut.s_axil_arvalid || !random.percent(30));
    dut.s_axil_bready = !random.percent(30);
    dut.s_axil_rready = !random.percent(30);
  }

 private:
  bool write_ = false, read_ = false, address_sent_ = false, data_sent_ = false;
  uint32_t address_ = 0;
  unsigned strobes_ = 15;
};

struct Event {
  uint32_t pixel;
  uint32_t bin;
};

// Sends the events of its exposures, one list after the other, each followed by a mark.
class Sensor {
 public:
  std::vector<std::vector<Event>> exposures;
  unsigned started = 0;
  // Share of cycles without an event, and whether it heeds "almost full".
  unsigned gap_percent = 0;
  bool heeds_almost_full = true;

  void look(Dut& dut) {
    if (!dut.exposure_start || !dut.sensor_rst_n) return;
    check(!exposing_, "an exposure was started during another");
    exposing_ = true;
    next_ = 0;
    started++;
  }
  void drive(Dut& dut, Random& random) {
    dut.s_event_valid = 0;
    if (!exposing_ || random.percent(gap_percent) || (heeds_almost_full && dut.s_event_almost_full)) return;
    const auto& events = exposures[(started - 1) % exposures.size()];
    dut.s_event_valid = 1;
    dut.s_event_mark = next_ == events.size();
    if (next_ < events.size()) dut.s_event_pixel = events[next_].pixel, dut.s_event_bin = events[next_].bin;
    else exposing_ = false;
    next_++;
  }
  void reset() { exposing_ = false; }

 private:
  bool exposing_ = false;
  size_t next_ = 0;
};

struct InjectBeat {
  uint64_t bits;
  unsigned keep;
  bool last;
};

class Host {
 public:
  unsigned stall_percent = 0;
  unsigned inject_stall_percent = 0;
  std::vector<uint8_t> bytes;
  uint64_t packets = 0;
  Source<InjectBeat> injected;

  void look(Dut& dut) {
    if (!dut.link_rst_n) return;
    const bool taken = dut.m_axis_link_tvalid && dut.m_axis_link_tready;
    steady_.watch(dut.m_axis_link_tvalid, dut.m_axis_link_tready, {dut.m_axis_link_tdata, static_cast<bool>(dut.m_axis_link_tlast)}, "link");
    injected.taken(dut.s_axis_inject_tvalid && dut.s_axis_inject_tready);
    if (!taken) return;
    const unsigned keep = dut.m_axis_link_tkeep;
    check(keep == 0xff || (keep == 0x0f && dut.m_axis_link_tlast), "TKEEP %02x", keep);
    for (int byte = 0; byte < (keep == 0xff ? 8 : 4); byte++) bytes.push_back(static_cast<uint8_t>(dut.m_axis_link_tdata >> (8 * byte)));
    packets += dut.m_axis_link_tlast;
  }
  void drive(Dut& dut, Random& random) {
    dut.m_axis_link_tready = !random.percent(stall_percent);
    injected.stall_percent = inject_stall_percent;
    const InjectBeat* beat = injected.offer(random);
    dut.s_axis_inject_tvalid = beat != nullptr;
    if (beat) dut.s_axis_inject_tdata = beat->bits, dut.s_axis_inject_tkeep = beat->keep, dut.s_axis_inject_tlast = beat->last;
  }
  void inject(const std::vector<uint8_t>& frame) {
    for (size_t at = 0; at < frame.size(); at += 8) {
      InjectBeat beat{0, 0, at + 8 >= frame.size()};
      for (size_t byte = 0; byte < 8; byte++) {
        const bool kept = at + byte < frame.size();
        beat.keep |= unsigned{kept} << byte;
        beat.bits |= uint64_t{kept ? frame[at + byte] : uint8_t{0xaa}} << (8 * byte);
      }
      injected.queue.push_back(beat);
    }
  }
  void reset() {
    injected.forget();
    steady_.reset();
  }

 private:
  Steady<Beat> steady_;
};

}  // namespace bench
