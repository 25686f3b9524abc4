// The FX3's side of the synchronous slave FIFO as fx3_slave_fifo expects it: four threads with DMA buffers, flags that
// come kFlagLatency edges late, read data two edges behind SLRD#. What the bus may not do is checked here.
#pragma once
#include "bench.h"

namespace bench {

constexpr unsigned kFlagLatency = 3, kReadLatency = 2, kWatermarkWords = 8;

struct Fx3Pins {
  bool slwr, slrd, sloe, pktend;  // true: asserted (low)
  unsigned address;
  uint32_t dq_o;
  bool dq_oe;
};

// One thread (= socket): buffers toward the host or from it.
struct Fx3Thread {
  bool to_host;
  unsigned buffer_words, free_buffers;
  std::deque<std::vector<uint32_t>> committed;  // to the host: to be fetched; from the host: not yet read
  std::vector<uint32_t> current;
  size_t at = 0;
  bool open = false;  // `current` may be accessed
  unsigned switching = 0;

  size_t words_left() const { return !open ? 0 : to_host ? buffer_words - current.size() : current.size() - at; }
  bool ready() const { return words_left() > 0; }
  bool above_watermark() const { return words_left() >= kWatermarkWords; }

  void commit() {
    committed.push_back(std::move(current));
    current.clear();
    open = false;
  }
  // The next buffer, if there is one, `switch_cycles` after the last.
  void step(Random& random) {
    if (open) return;
    if (switching == 0) switching = 5 + static_cast<unsigned>(random.below(40));
    if (--switching != 0) return;
    if (to_host && free_buffers > 0) {
      free_buffers--;
      open = true;
    } else if (!to_host && !committed.empty()) {
      current = std::move(committed.front());
      committed.pop_front();
      at = 0;
      open = true;
    }
  }
};

class Fx3 {
 public:
  explicit Fx3(unsigned buffer_words) {
    for (unsigned i = 0; i < 4; i++) threads.push_back({i == 0 || i == 3, buffer_words, 4, {}, {}});
  }

  // A rising edge.
  void edge(const Fx3Pins& pins, Random& random) {
    Fx3Thread& thread = threads[pins.address];
    check(!(pins.dq_oe && output_enabled_.size() && (output_enabled_.front() || pins.sloe)), "both sides drive DQ");
    output_enabled_.push_front(pins.sloe);
    if (output_enabled_.size() > 2) output_enabled_.pop_back();
    if (pins.slwr) write(thread, pins);
    if (pins.pktend && !(pins.slwr && !thread.open)) {
      check(thread.to_host && thread.open, "PKTEND# without a buffer");
      empty_packets += thread.current.empty();
      if (thread.open) thread.commit();
    }
    reads_.push_back(pins.slrd ? read(thread, pins) : static_cast<uint32_t>(random.next()));
    if (reads_.size() > kReadLatency + 1) reads_.pop_front();
    for (Fx3Thread& each : threads) each.step(random);
    remember(pins.address);
  }

  uint32_t dq() const { return reads_.size() > kReadLatency ? reads_.front() : 0; }
  // Flags A to D in bits 0 to 3.
  unsigned flags() const { return flags_.front(); }

  std::vector<Fx3Thread> threads;
  uint64_t empty_packets = 0, words_written = 0;

 private:
  void write(Fx3Thread& thread, const Fx3Pins& pins) {
    check(pins.dq_oe && !pins.sloe, "SLWR# without data");
    check(thread.to_host && thread.ready(), "a word written to socket %u without room", pins.address);
    if (!thread.to_host || !thread.ready()) return;
    thread.current.push_back(pins.dq_o);
    words_written++;
    if (thread.current.size() == thread.buffer_words) thread.commit();
  }
  uint32_t read(Fx3Thread& thread, const Fx3Pins& pins) {
    check(pins.sloe && !pins.slwr, "SLRD# without SLOE#");
    check(!thread.to_host && thread.ready(), "a word read from socket %u that is not there", pins.address);
    if (thread.to_host || !thread.ready()) return 0;
    const uint32_t word = thread.current[thread.at++];
    if (thread.at == thread.current.size()) thread.open = false;
    return word;
  }
  void remember(unsigned address) {
    const Fx3Thread& addressed = threads[address];
    flags_.push_back(unsigned(addressed.ready()) | unsigned(addressed.above_watermark()) << 1 |
                     unsigned(threads[1].ready()) << 2 | unsigned(threads[2].ready()) << 3);
    if (flags_.size() > kFlagLatency + 1) flags_.pop_front();
  }

  std::deque<uint32_t> reads_;
  std::deque<unsigned> flags_{0};
  std::deque<bool> output_enabled_;
};

}  // namespace bench
