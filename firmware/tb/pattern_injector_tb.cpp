// pattern_injector: frames of the sensor and of the host in random turns; host frames that are short, long or exact,
// flushes, random stalls everywhere. argv: seed, beats a frame.
#include "bench.h"

namespace {

struct Beat {
  uint64_t data;
  uint8_t keep;
  bool last;
  bool operator==(const Beat&) const = default;
};

uint64_t kept(const Beat& beat) {
  uint64_t data = beat.data;
  for (int i = 0; i < 8; i++) {
    if (!(beat.keep >> i & 1)) data &= ~(0xffull << (8 * i));
  }
  return data;
}

class Bench {
 public:
  Bench(uint64_t seed, uint32_t frame_beats) : sim_(seed), dut_(*sim_.dut), frame_beats_(frame_beats) {
    dut_.frame_beats = frame_beats;
    sensor_.stall_percent = static_cast<unsigned>(sim_.random.below(3) * 25);
    host_.stall_percent = static_cast<unsigned>(sim_.random.below(3) * 25);
    take_percent_ = static_cast<unsigned>(30 + sim_.random.below(71));
    sim_.add_clock(&dut_.clk, 5000, [this] { before(); }, [this] { after(); });
  }

  int run() {
    dut_.rst_n = 0;
    dut_.flush = 0;
    sim_.run_edges(6);
    dut_.rst_n = 1;
    for (int frame = 0; frame < 120; frame++) one_frame(sim_.random.below(3) != 0);
    flushed_frame(0);
    one_frame(true);
    flushed_frame(frame_beats_ / 2);
    one_frame(true);
    for (int i = 0; i < 10; i++) {
      reset_in_frame();
      one_frame(i % 2 == 0);
    }
    bench::check(shorts_ == expected_shorts_ && shorts_ > 5, "%lu short, expected %lu", shorts_, expected_shorts_);
    bench::check(longs_ == expected_longs_ && longs_ > 5, "%lu long, expected %lu", longs_, expected_longs_);
    return bench::finish();
  }

 private:
  void queue_sensor_frame() {
    for (uint32_t i = 0; i < frame_beats_; i++) sensor_.queue.push_back({sim_.random.next(), 0xff, i + 1 == frame_beats_});
  }

  void queue_host_frame(uint32_t beats, bool ended) {
    for (uint32_t i = 0; i < beats; i++) {
      const bool last = ended && i + 1 == beats;
      host_.queue.push_back({sim_.random.next(), static_cast<uint8_t>(last && sim_.random.percent(50) ? 0x0f : 0xff), last});
    }
  }

  void one_frame(bool from_host) {
    dut_.source = from_host;
    expected_.clear();
    queue_sensor_frame();
    const size_t left_on_host = host_.queue.size();
    if (from_host) {
      const unsigned kind = static_cast<unsigned>(sim_.random.below(3));
      uint32_t beats = frame_beats_;
      if (kind == 1 && frame_beats_ > 1) beats = 1 + static_cast<uint32_t>(sim_.random.below(frame_beats_ - 1));
      if (kind == 2) beats = frame_beats_ + 1 + static_cast<uint32_t>(sim_.random.below(20));
      expected_shorts_ += beats < frame_beats_;
      expected_longs_ += beats > frame_beats_;
      queue_host_frame(beats, true);
      for (uint32_t i = 0; i < frame_beats_; i++) expected_.push_back(i < beats ? kept(host_.queue[left_on_host + i]) : 0);
    } else {
      for (const Beat& beat : sensor_.queue) expected_.push_back(beat.data);
    }
    wait_for_frame();
  }

  // The host sends `beats` beats of a frame and no more; flush must end it. What it sends later of this frame
  // must not become part of the next one.
  void flushed_frame(uint32_t beats) {
    dut_.source = 1;
    expected_.assign(frame_beats_, 0);
    queue_sensor_frame();
    queue_host_frame(beats, false);
    for (uint32_t i = 0; i < beats; i++) expected_[i] = kept(host_.queue[host_.queue.size() - beats + i]);
    sim_.run_edges(40 * frame_beats_ + 400);
    bench::check(expected_.size() == frame_beats_ - beats, "the frame did not wait for the host");
    dut_.flush = 1;
    wait_for_frame();
    dut_.flush = 0;
    if (beats) queue_host_frame(5, true);
  }

  // Somewhere in a frame, or in the tail of one that is too long.
  void reset_in_frame() {
    dut_.source = 1;
    queue_sensor_frame();
    queue_host_frame(frame_beats_ + 30, false);
    ignore_ = true;
    sim_.run_edges(2 * sim_.random.below(2 * frame_beats_ + 40));
    dut_.rst_n = 0;
    sensor_.forget();
    host_.forget();
    steady_.reset();
    sim_.run_edges(6);
    dut_.rst_n = 1;
    expected_longs_ = longs_;
    ignore_ = false;
  }

  void wait_for_frame() {
    frame_end_ = false;
    bench::check(sim_.run_until([&] { return frame_end_; }, 200 * frame_beats_ + 2000), "the frame does not end");
    bench::check(expected_.empty(), "%zu beats are missing", expected_.size());
    // The sensor's frame must be gone too.
    bench::check(sim_.run_until([&] { return sensor_.queue.empty(); }, 200 * frame_beats_ + 2000), "the sensor's frame stays");
    sim_.run_edges(10);
  }

  void before() {
    if (!dut_.rst_n) return;
    shorts_ += dut_.injection_short;
    longs_ += dut_.injection_long;
    sensor_.taken(dut_.s_axis_sensor_tready);
    host_.taken(dut_.s_axis_inject_tready);
    const bool valid = dut_.m_axis_histograms_tvalid, ready = dut_.m_axis_histograms_tready;
    steady_.watch(valid, ready, {dut_.m_axis_histograms_tdata, 0xff, dut_.m_axis_histograms_tlast != 0}, "m");
    if (!valid || !ready || ignore_) return;
    bench::check(!expected_.empty() && dut_.m_axis_histograms_tdata == expected_.front(), "a wrong beat");
    if (!expected_.empty()) expected_.pop_front();
    bench::check(dut_.m_axis_histograms_tlast == expected_.empty(), "TLAST with %zu beats to go", expected_.size());
    frame_end_ |= expected_.empty();
  }

  void after() {
    const Beat* beat = dut_.rst_n ? sensor_.offer(sim_.random) : nullptr;
    dut_.s_axis_sensor_tvalid = beat != nullptr;
    dut_.s_axis_sensor_tdata = beat ? beat->data : sim_.random.next();
    dut_.s_axis_sensor_tlast = beat ? beat->last : sim_.random.percent(50);
    beat = dut_.rst_n ? host_.offer(sim_.random) : nullptr;
    dut_.s_axis_inject_tvalid = beat != nullptr;
    dut_.s_axis_inject_tdata = beat ? beat->data : sim_.random.next();
    dut_.s_axis_inject_tkeep = beat ? beat->keep : 0;
    dut_.s_axis_inject_tlast = beat ? beat->last : sim_.random.percent(50);
    dut_.m_axis_histograms_tready = sim_.random.percent(take_percent_);
  }

  bench::Simulation sim_;
  Dut& dut_;
  uint32_t frame_beats_;
  bench::Source<Beat> sensor_, host_;
  bench::Steady<Beat> steady_;
  std::deque<uint64_t> expected_;
  unsigned take_percent_ = 100;
  bool frame_end_ = false, ignore_ = false;
  uint64_t shorts_ = 0, longs_ = 0, expected_shorts_ = 0, expected_longs_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  Bench bench(bench::argument(argc, argv, 1, 1), static_cast<uint32_t>(bench::argument(argc, argv, 2, 24)));
  return bench.run();
}
