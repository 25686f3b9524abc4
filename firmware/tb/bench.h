// What the benches share: clocks, seeded random numbers, stalling stream ends, checks.
#pragma once
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "Dut.h"
#include "verilated.h"

namespace bench {

// splitmix64 (S. Vigna): small, seeded, the same everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }
  uint64_t below(uint64_t bound) { return next() % bound; }
  bool percent(unsigned chance) { return below(100) < chance; }

 private:
  uint64_t state_;
};

inline unsigned failures = 0;

// Prints what is wrong and counts it; the first 20 are told.
inline void check(bool right, const char* format, ...) {
  if (right || ++failures > 20) return;
  va_list args;
  va_start(args, format);
  std::printf("FAILED: ");
  std::vprintf(format, args);
  std::printf("\n");
  va_end(args);
}

inline int finish() {
  if (failures) std::printf("%u checks failed\n", failures);
  else std::printf("ok\n");
  return failures ? 1 : 0;
}

// A clock of the module under test. `before` sees the signals as the edge will see them; `after` sets the inputs
// for the next edge.
struct Clock {
  uint8_t* pin;
  uint64_t period_ps;
  std::function<void()> before;
  std::function<void()> after;
  uint64_t next_ps = 0;
  uint64_t cycle = 0;
};

class Simulation {
 public:
  explicit Simulation(uint64_t seed) : random(seed) {
    context.randReset(2);  // registers and memories begin with random bits
    context.randSeed(static_cast<int>(seed & 0x7fffffff) | 1);
    dut = std::make_unique<Dut>(&context);
  }
  ~Simulation() { dut->final(); }

  Clock& add_clock(uint8_t* pin, uint64_t period_ps, std::function<void()> before, std::function<void()> after) {
    *pin = 0;
    clocks_.push_back(std::make_unique<Clock>(Clock{pin, period_ps, std::move(before), std::move(after)}));
    clocks_.back()->next_ps = 1 + random.below(period_ps);
    return *clocks_.back();
  }

  // To the next edge of whichever clock has one.
  void edge() {
    Clock* next = clocks_.front().get();
    for (auto& clock : clocks_) {
      if (clock->next_ps < next->next_ps) next = clock.get();
    }
    next->next_ps += next->period_ps / 2;
    if (*next->pin) {
      *next->pin = 0;
      dut->eval();
      return;
    }
    dut->eval();
    if (next->before) next->before();
    *next->pin = 1;
    dut->eval();
    next->cycle++;
    if (next->after) next->after();
    dut->eval();
  }

  // Runs until `done`; false if `edges` are over first.
  bool run_until(const std::function<bool()>& done, uint64_t edges) {
    while (edges-- > 0) {
      if (done()) return true;
      edge();
    }
    return done();
  }
  void run_edges(uint64_t edges) {
    while (edges-- > 0) edge();
  }

  VerilatedContext context;
  std::unique_ptr<Dut> dut;
  Random random;

 private:
  std::vector<std::unique_ptr<Clock>> clocks_;
};

// The giving end of a valid/ready stream: what is offered stays offered until it is taken.
template <class Beat>
class Source {
 public:
  std::deque<Beat> queue;
  unsigned stall_percent = 0;

  // After an edge: what to drive now; null for "not valid".
  const Beat* offer(Random& random) {
    if (!offering_) offering_ = !queue.empty() && !random.percent(stall_percent);
    return offering_ ? &queue.front() : nullptr;
  }
  // Before an edge: the beat offered is taken if `ready`.
  bool taken(bool ready) {
    if (!offering_ || !ready) return false;
    queue.pop_front();
    offering_ = false;
    return true;
  }
  void forget() {
    queue.clear();
    offering_ = false;
  }

 private:
  bool offering_ = false;
};

// Holds that a stream which said "valid" and was not taken says the same again with the same bits.
template <class Beat>
class Steady {
 public:
  void watch(bool valid, bool ready, const Beat& beat, const char* name) {
    if (waiting_) check(valid && beat == before_, "%s: valid or its data taken back before ready", name);
    waiting_ = valid && !ready;
    before_ = beat;
  }
  void reset() { waiting_ = false; }

 private:
  bool waiting_ = false;
  Beat before_{};
};

// argv[1]: seed; further arguments as numbers.
inline uint64_t argument(int argc, char** argv, int at, uint64_t otherwise) {
  return argc > at ? std::strtoull(argv[at], nullptr, 0) : otherwise;
}

}  // namespace bench
