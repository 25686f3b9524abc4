// fx3_slave_fifo against a model of the FX3: all four sockets at once, buffers of any length, a host that stalls;
// nothing lost, nothing doubled, order kept, everything committed in the end.
// argv: seed, words of a DMA buffer, 1 to measure throughput of socket 0 alone (nothing stalls).
#include "fx3_model.h"

namespace {

struct Beat {
  uint64_t data;
  uint8_t keep;
  bool last;
  bool operator==(const Beat&) const = default;
};

class Bench {
 public:
  Bench(uint64_t seed, unsigned buffer_words, bool alone)
      : sim_(seed), dut_(*sim_.dut), random_(sim_.random), fx3_(buffer_words), alone_(alone) {
    link_.stall_percent = alone ? 0 : static_cast<unsigned>(random_.below(3) * 20);
    replies_.stall_percent = 50;
    sim_.add_clock(&dut_.link_clk, 10000, [this] { before(); }, [this] { after(); });
    dut_.link_rst_n = 0;
    sim_.run_edges(40);
    dut_.link_rst_n = 1;
  }

  int run() {
    if (alone_) return throughput();
    for (int round = 0; round < 6; round++) {
      for (int i = 0; i < 20; i++) add_packet(random_.below(500));
      for (int i = 0; i < 6; i++) add_injection(random_.below(700));
      for (int i = 0; i < 10; i++) add_request();
      for (int i = 0; i < 10; i++) add_reply();
      host_percent_ = round % 2 ? 100 : 2;
      ready_percent_ = static_cast<unsigned>(20 + random_.below(81));
      const bool over = sim_.run_until([this] { return all_arrived(); }, 2000000);
      bench::check(over, "left: %zu words to the host, %zu injected, %zu requests, %zu replies", expected_link_.size(),
                   expected_inject_.size(), expected_requests_.size(), expected_replies_.size());
      // A pause in which what is left in a buffer must have been committed, and nothing more may come.
      sim_.run_edges(400);
    }
    bench::check(fx3_.threads[0].current.empty(), "%zu words wait uncommitted", fx3_.threads[0].current.size());
    return bench::finish();
  }

 private:
  int throughput() {
    const uint64_t cycles = 100000;
    for (int i = 0; i < 400; i++) add_packet(500);
    sim_.run_edges(2 * cycles);
    const double share = double(fx3_.words_written) / double(cycles);
    bench::check(share > 0.9, "only %.3f words a cycle", share);
    bench::check(fx3_.empty_packets == 0, "%lu empty packets in a stream", fx3_.empty_packets);
    std::printf("%.3f words a cycle\n", share);
    // A request need not wait for the stream to pause: a turn is 4096 words at most.
    add_request();
    bench::check(sim_.run_until([this] { return expected_requests_.empty(); }, 2 * 5000), "a request waits for the stream");
    bench::check(!link_.queue.empty(), "the stream is over");
    return bench::finish();
  }

  bool all_arrived() const {
    return expected_link_.empty() && expected_inject_.empty() && expected_requests_.empty() && expected_replies_.empty();
  }

  void add_packet(uint64_t beats) {
    for (uint64_t i = 0; i <= beats; i++) {
      const bool last = i == beats, half = last && random_.percent(50);
      const Beat beat{random_.next(), static_cast<uint8_t>(half ? 0x0f : 0xff), last};
      link_.queue.push_back(beat);
      expected_link_.push_back(static_cast<uint32_t>(beat.data));
      if (!half) expected_link_.push_back(static_cast<uint32_t>(beat.data >> 32));
    }
  }

  // A frame of the host: its length, then its words, in buffers of any length.
  void add_injection(uint64_t more_words) {
    const uint32_t words = static_cast<uint32_t>(1 + more_words);
    std::vector<uint32_t> sent{words};
    for (uint32_t i = 0; i < words; i++) {
      const uint32_t word = static_cast<uint32_t>(random_.next());
      sent.push_back(word);
      if (i % 2 == 0) expected_inject_.push_back({word, 0x0f, i + 1 == words});
      else expected_inject_.back() = {expected_inject_.back().data | uint64_t(word) << 32, 0xff, i + 1 == words};
    }
    cut_into_buffers(fx3_.threads[1], sent);
  }

  void cut_into_buffers(bench::Fx3Thread& thread, const std::vector<uint32_t>& words) {
    for (size_t at = 0; at < words.size();) {
      const size_t most = std::min<size_t>(thread.buffer_words, words.size() - at);
      const size_t length = random_.percent(50) ? most : 1 + random_.below(most);
      thread.committed.push_back({words.begin() + at, words.begin() + at + length});
      at += length;
    }
  }

  void add_request() {
    // Mostly one request a buffer, sometimes several.
    const uint64_t requests = random_.percent(80) ? 1 : 1 + random_.below(fx3_.threads[2].buffer_words / 2);
    std::vector<uint32_t> words;
    for (uint64_t i = 0; i < 2 * requests; i++) words.push_back(static_cast<uint32_t>(random_.next()));
    expected_requests_.insert(expected_requests_.end(), words.begin(), words.end());
    fx3_.threads[2].committed.push_back(words);
  }

  void add_reply() {
    for (int i = 0; i < 2; i++) {
      replies_.queue.push_back(static_cast<uint32_t>(random_.next()));
      expected_replies_.push_back(replies_.queue.back());
    }
  }

  void before() {
    const bench::Fx3Pins pins{!dut_.fx3_slwr_n, !dut_.fx3_slrd_n, !dut_.fx3_sloe_n,      !dut_.fx3_pktend_n,
                              dut_.fx3_fifoadr, dut_.fx3_dq_o,    dut_.fx3_dq_t == 0};
    if (!dut_.link_rst_n) return;
    bench::check(dut_.fx3_dq_t == 0 || dut_.fx3_dq_t == 0xFFFFFFFF, "DQ is driven in part");
    bench::check(!dut_.fx3_slcs_n, "SLCS# is not asserted");
    fx3_.edge(pins, random_);
    link_.taken(dut_.s_axis_link_tready);
    replies_.taken(dut_.s_reply_ready);
    watch_streams();
    fetch();
  }

  void watch_streams() {
    const Beat beat{dut_.m_axis_inject_tdata, dut_.m_axis_inject_tkeep, dut_.m_axis_inject_tlast != 0};
    steady_.watch(dut_.m_axis_inject_tvalid, dut_.m_axis_inject_tready, beat, "inject");
    if (dut_.m_axis_inject_tvalid && dut_.m_axis_inject_tready) {
      bench::check(!expected_inject_.empty() && beat == expected_inject_.front(), "a wrong injected beat");
      if (!expected_inject_.empty()) expected_inject_.pop_front();
    }
    if (dut_.m_request_valid && dut_.m_request_ready) {
      bench::check(!expected_requests_.empty() && dut_.m_request_data == expected_requests_.front(), "a wrong request");
      if (!expected_requests_.empty()) expected_requests_.pop_front();
    }
  }

  // The host fetches committed buffers.
  void fetch() {
    if (!alone_ && !random_.percent(host_percent_)) return;
    for (unsigned socket : {0u, 3u}) {
      bench::Fx3Thread& thread = fx3_.threads[socket];
      if (thread.committed.empty()) continue;
      const std::vector<uint32_t> buffer = std::move(thread.committed.front());
      thread.committed.pop_front();
      thread.free_buffers++;
      if (socket == 3) bench::check(buffer.size() == 2, "a reply packet of %zu words", buffer.size());
      std::deque<uint32_t>& expected = socket == 0 ? expected_link_ : expected_replies_;
      for (uint32_t word : buffer) {
        bench::check(!expected.empty() && word == expected.front(), "socket %u: a wrong word", socket);
        if (!expected.empty()) expected.pop_front();
      }
    }
  }

  void after() {
    dut_.fx3_dq_i = fx3_.dq();
    dut_.fx3_flaga = fx3_.flags() & 1;
    dut_.fx3_flagb = fx3_.flags() >> 1 & 1;
    dut_.fx3_flagc = fx3_.flags() >> 2 & 1;
    dut_.fx3_flagd = fx3_.flags() >> 3 & 1;
    const Beat* beat = dut_.link_rst_n ? link_.offer(random_) : nullptr;
    dut_.s_axis_link_tvalid = beat != nullptr;
    dut_.s_axis_link_tdata = beat ? beat->data : random_.next();
    dut_.s_axis_link_tkeep = beat ? beat->keep : 0;
    dut_.s_axis_link_tlast = beat ? beat->last : 0;
    const uint32_t* reply = dut_.link_rst_n ? replies_.offer(random_) : nullptr;
    dut_.s_reply_valid = reply != nullptr;
    dut_.s_reply_data = reply ? *reply : 0;
    dut_.m_axis_inject_tready = random_.percent(ready_percent_);
    dut_.m_request_ready = random_.percent(ready_percent_);
  }

  bench::Simulation sim_;
  Dut& dut_;
  bench::Random& random_;
  bench::Fx3 fx3_;
  bool alone_;
  bench::Source<Beat> link_;
  bench::Source<uint32_t> replies_;
  bench::Steady<Beat> steady_;
  std::deque<uint32_t> expected_link_, expected_requests_, expected_replies_;
  std::deque<Beat> expected_inject_;
  unsigned host_percent_ = 50, ready_percent_ = 100;
};

}  // namespace

int main(int argc, char** argv) {
  const unsigned buffer_words = static_cast<unsigned>(bench::argument(argc, argv, 2, 256));
  Bench bench(bench::argument(argc, argv, 1, 1), buffer_words, bench::argument(argc, argv, 3, 0) != 0);
  return bench.run();
}
