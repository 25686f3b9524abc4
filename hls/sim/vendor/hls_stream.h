// Stand-in of the vendor's header for the host. As in hardware a stream may be bounded: then a writer waits for room and
// a reader for elements, each in a thread of its own. `stall` is asked before every access: true makes it wait a turn.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <limits>
#include <mutex>
#include <queue>
#include <thread>
#include <utility>

namespace hls {

template <class T>
class stream {
 public:
  stream() = default;
  stream(std::size_t depth, std::function<bool()> stall) : depth_(depth), stall_(std::move(stall)) {}

  void write(const T& element) {
    wait_out_stalls();
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return elements_.size() < depth_; });
    elements_.push(element);
    changed_.notify_all();
  }

  T read() {
    wait_out_stalls();
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return !elements_.empty(); });
    const T element = elements_.front();
    elements_.pop();
    changed_.notify_all();
    return element;
  }

  bool empty() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return elements_.empty();
  }

 private:
  void wait_out_stalls() {
    while (stall_ && stall_()) std::this_thread::yield();
  }

  std::size_t depth_ = std::numeric_limits<std::size_t>::max();
  std::function<bool()> stall_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::queue<T> elements_;
};

}  // namespace hls
