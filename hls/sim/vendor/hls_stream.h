// Stand-in of the vendor's header for the host. As in hardware a stream may be bounded: then a writer waits for room and
// a reader for elements, each in a thread of its own.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <limits>
#include <mutex>
#include <queue>

namespace hls {

template <class T>
class stream {
 public:
  stream() = default;
  explicit stream(std::size_t depth) : depth_(depth) {}

  void write(const T& element) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (elements_.size() >= depth_) ++waits_for_room_;
    changed_.wait(lock, [this] { return elements_.size() < depth_; });
    elements_.push(element);
    changed_.notify_all();
  }

  T read() {
    std::unique_lock<std::mutex> lock(mutex_);
    if (elements_.empty()) ++waits_for_elements_;
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

  // How often an access had to wait: whether a test has stalled the stream at all. Not of the vendor's class.
  std::size_t waits_for_room() const { return waits_for_room_; }
  std::size_t waits_for_elements() const { return waits_for_elements_; }

 private:
  std::size_t depth_ = std::numeric_limits<std::size_t>::max();
  std::size_t waits_for_room_ = 0;
  std::size_t waits_for_elements_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::queue<T> elements_;
};

}  // namespace hls
