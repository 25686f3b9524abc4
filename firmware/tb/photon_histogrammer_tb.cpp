// photon_histogrammer against a C++ model: events in patterns that stress forwarding, reads with stalls at the same
// time, discarded frames, resets in mid-frame. argv: seed, pixels, bins, kind of events (see Pattern).
#include <string>

#include "bench.h"

namespace {

constexpr uint32_t kWordBits = 10;  // as built

enum Pattern { kAnywhere, kFewWords, kOneBin, kFlood };

struct Event {
  bool mark;
  uint32_t pixel, bin;
};

struct Model {
  uint32_t pixels, bins;
  std::vector<uint16_t> filling;
  std::deque<std::vector<uint16_t>> closed;
  uint64_t saturated = 0, outside = 0;

  void clear() { filling.assign(pixels * bins, 0); }
  void take(const Event& event) {
    if (event.mark) {
      closed.push_back(filling);
      clear();
    } else if (event.pixel >= pixels || event.bin >= bins) {
      outside++;
    } else if (filling[event.pixel * bins + event.bin] == 65535) {
      saturated++;
    } else {
      filling[event.pixel * bins + event.bin]++;
    }
  }
};

class Bench {
 public:
  Bench(uint64_t seed, uint32_t pixels, uint32_t bins, Pattern pattern)
      : sim_(seed), dut_(*sim_.dut), model_{pixels, bins, {}, {}, 0, 0}, pattern_(pattern) {
    dut_.pixel_count = pixels;
    dut_.quads_per_pixel = bins / 4;
    dut_.frame_words = pixels * bins / 4;
    sim_.add_clock(&dut_.clk, 5000, [this] { before(); }, [this] { after(); });
    source_.stall_percent = pattern == kFlood ? 0 : static_cast<unsigned>(sim_.random.below(3) * 20);
  }

  int run() {
    const int rounds = pattern_ == kFlood ? 1 : 6;
    for (int round = 0; round < rounds; round++) {
      reset();
      const uint64_t goal = frames_ + (pattern_ == kFlood ? 2 : 8);
      const uint64_t edges = pattern_ == kFlood ? 1000000 : 200000;
      bench::check(sim_.run_until([&] { return frames_ >= goal; }, edges), "frames do not come");
      // The reset falls anywhere: into exposures, marks and reads.
      sim_.run_edges(2 * sim_.random.below(3 * model_.pixels * model_.bins / 4 + 20));
    }
    source_.stall_percent = 100;
    sim_.run_edges(40);
    bench::check(told_saturated_ == model_.saturated, "saturated %lu, expected %lu", told_saturated_, model_.saturated);
    bench::check(told_outside_ == model_.outside, "outside %lu, expected %lu", told_outside_, model_.outside);
    if (pattern_ == kFlood) bench::check(told_saturated_ > 1000, "nothing saturated");
    return bench::finish();
  }

 private:
  Event random_event() {
    bench::Random& random = sim_.random;
    const bool mark = pattern_ == kFlood ? ++flood_events_ % 90000 == 0 : random.below(700) == 0;
    if (mark) return {true, uint32_t(random.below(1 << 24)), uint32_t(random.below(1 << 16))};
    switch (pattern_) {
      case kOneBin: return {false, 0, 1};
      case kFlood: return {false, random.percent(2) ? uint32_t(random.below(model_.pixels)) : model_.pixels - 1, 2};
      case kFewWords: return {false, model_.pixels - 1, uint32_t(random.below(std::min<uint32_t>(model_.bins, 12)))};
      default: break;
    }
    if (random.percent(3)) return {false, uint32_t(random.below(1 << 24)), uint32_t(random.below(model_.bins))};
    if (random.percent(3)) return {false, uint32_t(random.below(model_.pixels)), uint32_t(random.below(1 << 16))};
    return {false, uint32_t(random.below(model_.pixels)), uint32_t(random.below(model_.bins))};
  }

  void reset() {
    dut_.rst_n = 0;
    dut_.s_event_valid = 0;
    dut_.read_start = 0;
    source_.forget();
    steady_.reset();
    sim_.run_edges(2 + 2 * sim_.random.below(6));
    model_.clear();
    model_.closed.clear();
    reading_ = false;
    at_ = 0;
    since_mark_ = 0;
    // Pulses of events under way at the reset never come: count from here.
    told_saturated_ = model_.saturated = 0;
    told_outside_ = model_.outside = 0;
    dut_.rst_n = 1;
    read_percent_ = static_cast<unsigned>(sim_.random.below(2) ? 100 : 10 + sim_.random.below(80));
  }

  void before() {
    if (!dut_.rst_n) return;
    watch_events();
    watch_stream();
    told_saturated_ += dut_.saturated;
    told_outside_ += dut_.outside;
    bench::check(!dut_.frame_closed || !model_.closed.empty(), "a frame closed without a mark");
  }

  void watch_events() {
    since_mark_++;
    if (dut_.ready && dut_.halves_free != 0 && since_mark_ > 10) bench::check(dut_.s_event_ready, "an event must wait");
    const Event offered{dut_.s_event_mark != 0, dut_.s_event_pixel, dut_.s_event_bin};
    if (!source_.taken(dut_.s_event_ready)) return;
    model_.take(offered);
    if (offered.mark) since_mark_ = 0;
  }

  void watch_stream() {
    steady_.watch(dut_.m_axis_histograms_tvalid, dut_.m_axis_histograms_tready, dut_.m_axis_histograms_tdata, "stream");
    bench::check(!dut_.m_axis_histograms_tvalid || (reading_ && !discard_), "a beat outside a read, or of a discarded frame");
    if (dut_.m_axis_histograms_tvalid && dut_.m_axis_histograms_tready) compare_beat();
    if (dut_.read_done) {
      bench::check(reading_ && (discard_ || at_ == model_.pixels * model_.bins / 4), "done after %u beats", at_);
      if (!model_.closed.empty()) model_.closed.pop_front();
      reading_ = false;
      frames_++;
    }
    if (dut_.read_start) {
      reading_ = true;
      at_ = 0;
    }
  }

  void compare_beat() {
    bench::check(!model_.closed.empty(), "a frame without a mark");
    if (model_.closed.empty()) return;
    const std::vector<uint16_t>& frame = model_.closed.front();
    uint64_t expected = 0;
    for (int lane = 3; lane >= 0; lane--) expected = expected << 16 | frame[4 * at_ + lane];
    bench::check(dut_.m_axis_histograms_tdata == expected, "frame %lu beat %u: %016lx, expected %016lx", frames_, at_,
                 uint64_t(dut_.m_axis_histograms_tdata), expected);
    at_++;
    bench::check(dut_.m_axis_histograms_tlast == (4 * at_ == frame.size()), "TLAST is wrong at beat %u", at_ - 1);
  }

  void after() {
    if (source_.queue.empty()) source_.queue.push_back(random_event());
    const Event* event = dut_.rst_n ? source_.offer(sim_.random) : nullptr;
    dut_.s_event_valid = event != nullptr;
    if (event) {
      dut_.s_event_mark = event->mark;
      dut_.s_event_pixel = event->pixel;
      dut_.s_event_bin = event->bin;
    }
    dut_.m_axis_histograms_tready = sim_.random.percent(read_percent_);
    dut_.read_start = 0;
    dut_.eval();
    if (dut_.rst_n && dut_.read_available && !dut_.read_busy && sim_.random.percent(5)) {
      dut_.read_start = 1;
      discard_ = pattern_ != kFlood && sim_.random.percent(20);
      dut_.read_discard = discard_;
    }
  }

  bench::Simulation sim_;
  Dut& dut_;
  Model model_;
  Pattern pattern_;
  bench::Source<Event> source_;
  bench::Steady<uint64_t> steady_;
  bool reading_ = false, discard_ = false;
  uint32_t at_ = 0;
  unsigned read_percent_ = 100;
  uint64_t frames_ = 0, since_mark_ = 0, flood_events_ = 0;
  uint64_t told_saturated_ = 0, told_outside_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const uint32_t pixels = uint32_t(bench::argument(argc, argv, 2, 16)), bins = uint32_t(bench::argument(argc, argv, 3, 16));
  if (pixels * bins / 4 > (1u << kWordBits)) return 2;
  Bench bench(bench::argument(argc, argv, 1, 1), pixels, bins, static_cast<Pattern>(bench::argument(argc, argv, 4, 0)));
  return bench.run();
}
