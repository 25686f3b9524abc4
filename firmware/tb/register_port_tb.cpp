// register_port: requests in words against an AXI-Lite slave that stalls on every channel and refuses some addresses.
// argv: seed, periods of the link's and the registers' clock (ps).
#include <map>

#include "bench.h"

namespace {
// The slave refuses every access to these and has a word at each other multiple of four.
bool refused_by_slave(uint32_t address) { return (address >> 2) % 5 == 3; }
}  // namespace

int main(int argc, char** argv) {
  bench::Simulation sim(bench::argument(argc, argv, 1, 1));
  Dut& dut = *sim.dut;
  bench::Source<uint32_t> requests;
  bench::Steady<uint32_t> steady_aw, steady_w, steady_ar;
  std::deque<uint32_t> replies;
  std::map<uint32_t, uint32_t> words, expected_words;
  requests.stall_percent = 40;

  // The slave: one address, one data word, then the answer, each when it likes.
  bool have_aw = false, have_w = false, have_ar = false, b_waits = false, r_waits = false;
  uint32_t aw = 0, w = 0, ar = 0;
  auto slave_before = [&] {
    if (!dut.rst_n) return;
    steady_aw.watch(dut.m_axil_awvalid, dut.m_axil_awready, dut.m_axil_awaddr, "aw");
    steady_w.watch(dut.m_axil_wvalid, dut.m_axil_wready, dut.m_axil_wdata, "w");
    steady_ar.watch(dut.m_axil_arvalid, dut.m_axil_arready, dut.m_axil_araddr, "ar");
    if (dut.m_axil_bvalid && dut.m_axil_bready) b_waits = false;
    if (dut.m_axil_rvalid && dut.m_axil_rready) r_waits = false;
    if (dut.m_axil_awvalid && dut.m_axil_awready) have_aw = true, aw = dut.m_axil_awaddr;
    if (dut.m_axil_wvalid && dut.m_axil_wready) {
      have_w = true, w = dut.m_axil_wdata;
      bench::check(dut.m_axil_wstrb == 15, "part of a word written");
    }
    if (dut.m_axil_arvalid && dut.m_axil_arready) have_ar = true, ar = dut.m_axil_araddr;
  };
  auto slave_after = [&] {
    bench::Random& random = sim.random;
    if (have_aw && have_w && random.percent(50)) {
      have_aw = have_w = false;
      b_waits = true;
      dut.m_axil_bresp = refused_by_slave(aw) ? 2 : 0;
      if (!refused_by_slave(aw)) words[aw] = w;
    }
    if (have_ar && random.percent(50)) {
      have_ar = false;
      r_waits = true;
      dut.m_axil_rresp = refused_by_slave(ar) ? 2 : 0;
      dut.m_axil_rdata = refused_by_slave(ar) ? 0xdeadbeef : words[ar];
    }
    dut.m_axil_bvalid = b_waits;
    dut.m_axil_rvalid = r_waits;
    dut.m_axil_awready = !have_aw && random.percent(50);
    dut.m_axil_wready = !have_w && random.percent(50);
    dut.m_axil_arready = !have_ar && random.percent(50);
  };
  auto link_before = [&] {
    if (!dut.link_rst_n) return;
    requests.taken(dut.s_request_ready);
    if (!dut.m_reply_valid || !dut.m_reply_ready) return;
    bench::check(!replies.empty() && dut.m_reply_data == replies.front(), "reply word %08x", dut.m_reply_data);
    if (!replies.empty()) replies.pop_front();
  };
  auto link_after = [&] {
    const uint32_t* word = dut.link_rst_n ? requests.offer(sim.random) : nullptr;
    dut.s_request_valid = word != nullptr;
    if (word) dut.s_request_data = *word;
    dut.m_reply_ready = sim.random.percent(40);
  };
  sim.add_clock(&dut.link_clk, bench::argument(argc, argv, 2, 10000), link_before, link_after);
  sim.add_clock(&dut.clk, bench::argument(argc, argv, 3, 5000), slave_before, slave_after);
  dut.rst_n = 0;
  dut.link_rst_n = 0;
  sim.run_edges(60);
  dut.rst_n = 1;
  dut.link_rst_n = 1;

  for (int access = 0; access < 600; access++) {
    const bool write = sim.random.percent(50);
    // Some addresses lie beyond the register map; their lower bits are those of a register.
    const uint32_t low = 4 * static_cast<uint32_t>(sim.random.below(40));
    const uint32_t address = sim.random.percent(10) ? low | 1u << (12 + sim.random.below(19)) : low;
    const uint32_t value = static_cast<uint32_t>(sim.random.next());
    const bool refused = address >= 4096 || refused_by_slave(address);
    requests.queue.insert(requests.queue.end(), {uint32_t(write) << 31 | address, value});
    replies.insert(replies.end(), {uint32_t(refused) << 31 | address, write || refused ? 0 : expected_words[address]});
    if (write && !refused) expected_words[address] = value;
  }
  bench::check(sim.run_until([&] { return replies.empty(); }, 400000), "%zu reply words do not come", replies.size());
  sim.run_edges(200);
  for (const auto& [address, word] : expected_words) bench::check(words[address] == word, "register %03x is wrong", address);
  return bench::finish();
}
