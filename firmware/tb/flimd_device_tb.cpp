// Runs flimd_device by a script (one command a line, below) and writes the bytes of its link into a file. The test that
// wrote the script knows the truth: test/rtl/support/device-bench.ts.
//   SEED SCRIPT EXPOSURES PACKETS [INJECTED]
// EXPOSURES: of each exposure a u32 number of events and as many pairs u32 pixel, u32 bin. INJECTED: of each frame a
// u32 number of bytes and the bytes.
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

#include "device_harness.h"

namespace {

using namespace bench;

class Device {
 public:
  Simulation sim;
  RegisterMaster registers;
  Sensor sensor;
  Host host;
  CoreStandIn core;
  unsigned core_stall_percent = 0;
  uint64_t ticks_per_cycle = 1;
  std::vector<uint8_t> injected;

  Device(uint64_t seed) : sim(seed) { sim.dut->ticks = seed << 20; }

  void clocks(uint64_t core_ps, uint64_t sensor_ps, uint64_t link_ps) {
    Dut& dut = *sim.dut;
    sim.add_clock(&dut.clk, core_ps, [&] { if (dut.rst_n) registers.look(dut), core.look(dut); }, [&] { after_clk(); });
    sim.add_clock(&dut.sensor_clk, sensor_ps, [&] { sensor.look(dut); }, [&] { sensor.drive(dut, sim.random); });
    sim.add_clock(&dut.link_clk, link_ps, [&] { host.look(dut); }, [&] { host.drive(dut, sim.random); });
  }

  void reset() {
    Dut& dut = *sim.dut;
    dut.rst_n = dut.sensor_rst_n = dut.link_rst_n = 0;
    core.reset(), sensor.reset(), host.reset();
    sim.run_edges(200);
    dut.rst_n = dut.sensor_rst_n = dut.link_rst_n = 1;
    sim.run_edges(20);
  }

  bool write(uint32_t address, uint32_t value, unsigned strobes = 15) {
    registers.write(address, value, strobes);
    return access();
  }
  uint32_t read(uint32_t address) {
    registers.read(address);
    access();
    return registers.value;
  }

 private:
  void after_clk() {
    Dut& dut = *sim.dut;
    dut.ticks += ticks_per_cycle;
    registers.drive(dut, sim.random);
    core.drive(dut, sim.random, core_stall_percent);
  }
  bool access() {
    check(sim.run_until([&] { return !registers.busy(); }, 200000), "a register access has no end");
    return !registers.refused;
  }
};

std::vector<uint8_t> file(const std::string& name) {
  std::ifstream stream(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

uint32_t word(const std::vector<uint8_t>& bytes, size_t at) {
  return bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | uint32_t{bytes[at + 3]} << 24;
}

void load_exposures(Sensor& sensor, const std::vector<uint8_t>& bytes) {
  for (size_t at = 0; at < bytes.size();) {
    std::vector<Event> events(word(bytes, at));
    at += 4;
    for (auto& event : events) event = {word(bytes, at), word(bytes, at + 4)}, at += 8;
    sensor.exposures.push_back(std::move(events));
  }
}

void load_injected(Host& host, const std::vector<uint8_t>& bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const size_t length = word(bytes, at);
    host.inject({bytes.begin() + at + 4, bytes.begin() + at + 4 + length});
    at += 4 + length;
  }
}

void strap(Dut& dut, const std::string& name, uint64_t value) {
  const std::map<std::string, IData*> straps = {
      {"width", &dut.cfg_width}, {"height", &dut.cfg_height}, {"bins", &dut.cfg_bins},
      {"binWidthFs", &dut.cfg_bin_width_fs}, {"laserPeriodFs", &dut.cfg_laser_period_fs},
      {"framePeriodUs", &dut.cfg_frame_period_us}, {"firmwareVersion", &dut.cfg_firmware_version},
      {"deviceKind", &dut.cfg_device_kind}, {"outputs", &dut.cfg_outputs}, {"tickHz", &dut.cfg_tick_hz},
      {"minPhotons", &dut.cfg_min_photons}, {"temperatureMilliC", &dut.temperature_milli_c},
      {"biasMillivolt", &dut.bias_millivolt}, {"laserRateHz", &dut.laser_rate_hz}};
  if (name == "modelHash") dut.cfg_model_hash = value;
  else if (name == "sourceRevision") dut.cfg_source_revision = value;
  else if (name.rfind("serial", 0) == 0) dut.cfg_serial[name.back() - '0'] = static_cast<IData>(value);
  else if (name.rfind("bitstreamId", 0) == 0) dut.cfg_bitstream_id[name.back() - '0'] = static_cast<IData>(value);
  else *straps.at(name) = static_cast<IData>(value);
}

// The device or the world around it, by a name and a number.
void set(Device& device, const std::string& name, int64_t value) {
  if (name == "linkStall") device.host.stall_percent = value;
  else if (name == "injectStall") device.host.inject_stall_percent = value;
  else if (name == "coreStall") device.core_stall_percent = value;
  else if (name == "coreLanes") device.core.lanes = value;
  else if (name == "coreSurplusBeats") device.core.surplus_beats = static_cast<int>(value);
  else if (name == "coreBaked") device.core.baked = value;
  else if (name == "coreResponse") device.core.response = value;
  else if (name == "eventGap") device.sensor.gap_percent = value;
  else if (name == "heedAlmostFull") device.sensor.heeds_almost_full = value;
  else if (name == "ticksPerCycle") device.ticks_per_cycle = value;
  else check(false, "no setting %s", name.c_str());
}

void obey(Device& device, const std::string& line) {
  std::istringstream words(line);
  std::string verb, name;
  uint64_t a = 0, b = 0, c = 0;
  words >> verb;
  if (verb == "strap") {
    words >> name >> a;
    strap(*device.sim.dut, name, a);
  } else if (verb == "clocks") {
    words >> a >> b >> c;
    device.clocks(a, b, c);
  } else if (verb == "set") {
    int64_t value = 0;
    words >> name >> value;
    set(device, name, value);
  } else if (verb == "reset") {
    device.reset();
  } else if (verb == "write") {
    c = 15;
    words >> a >> b >> c;
    std::printf("%s\n", device.write(a, b, c) ? "ok" : "refused");
  } else if (verb == "read") {
    words >> a;
    const uint32_t value = device.read(a);
    if (device.registers.refused) std::printf("refused\n");
    else std::printf("%u\n", value);
  } else if (verb == "run") {
    words >> a;
    device.sim.run_edges(a);
  } else if (verb == "inject") {
    load_injected(device.host, device.injected);
  } else if (verb == "untilPackets") {
    words >> a;
    const uint64_t wanted = device.host.packets + a;
    check(device.sim.run_until([&] { return device.host.packets >= wanted; }, 20000000), "no %s", line.c_str());
  } else if (verb == "untilState") {
    words >> a;
    for (b = 0; b < 20000 && device.read(0x140) != a; b++) device.sim.run_edges(500);
    check(b < 20000, "no %s", line.c_str());
  } else if (verb == "exposures") {
    std::printf("%u\n", device.sensor.started);
  } else if (verb == "packets") {
    std::printf("%llu\n", static_cast<unsigned long long>(device.host.packets));
  } else if (verb == "irq") {
    std::printf("%u\n", device.sim.dut->irq);
  } else {
    check(false, "no command %s", line.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  Device device(argument(argc, argv, 1, 1));
  load_exposures(device.sensor, file(argv[3]));
  if (argc > 5) device.injected = file(argv[5]);
  std::ifstream script(argv[2]);
  for (std::string line; std::getline(script, line);) obey(device, line);
  device.sim.run_edges(20000);  // what is in the link's FIFO comes out
  std::ofstream(argv[4], std::ios::binary).write(reinterpret_cast<const char*>(device.host.bytes.data()), device.host.bytes.size());
  return finish();
}
