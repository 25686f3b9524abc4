// A device node whose calls may block for long (XDMA waits up to 10 s for data), on a thread of its own: neither the
// JavaScript thread nor libuv's pool of four ever waits for a device. Calls are carried out in the order in which they
// were submitted; the buffers belong to the thread's state, so that even a call that never comes back has somewhere to
// write to.
#pragma once

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace flimd {

enum class DeviceCall : int { kOpen = 0, kRead = 1, kWrite = 2, kMap = 3 };

struct DeviceRequest {
  std::uint32_t id;
  DeviceCall call;
  std::size_t buffer;
  std::size_t bytes;
  // Below 0: no position is given with the call.
  std::int64_t position;
};

class DeviceThread {
 public:
  // Told from the thread: the request's number, and bytes or -errno.
  using Done = std::function<void(std::uint32_t id, std::int64_t result)>;
  // Told once, as the last thing.
  using Ended = std::function<void()>;

  // Without a path, `flags` is an open file descriptor to be used.
  DeviceThread(std::string path, int flags, std::size_t buffers, std::size_t buffer_bytes);
  DeviceThread(const DeviceThread&) = delete;
  DeviceThread& operator=(const DeviceThread&) = delete;
  ~DeviceThread();

  static void start(const std::shared_ptr<DeviceThread>& self, Done done, Ended ended);

  void submit(const DeviceRequest& request);
  // Ends the thread: what waits is cancelled, a call under way is interrupted by a signal. The signal may come just
  // before the call and is lost then, so this is to be called again until `ended`.
  void interrupt();
  bool ended() const { return ended_; }
  // Somebody has asked for the end: from then on the registers may go at any time.
  bool closing() const { return closing_; }
  // Nobody can be told any more, although the thread has not ended.
  void abandon();

  std::byte* buffer(std::size_t index) const { return memory_ + index * stride_; }
  std::size_t buffers() const { return buffers_; }
  std::size_t buffer_bytes() const { return buffer_bytes_; }
  // Registers that kMap has mapped, until `closing`; null before that, and for a node that cannot be mapped.
  volatile std::uint32_t* registers() const { return registers_; }
  std::size_t mapped_bytes() const { return mapped_bytes_; }

 private:
  void run();
  bool next(DeviceRequest& request);
  void let_go();
  void cancel_rest();
  void tell(const std::function<void()>& news);
  std::int64_t carry_out(const DeviceRequest& request);
  std::int64_t open_node();
  std::int64_t map(std::size_t bytes);
  std::int64_t transfer(const DeviceRequest& request);

  const std::string path_;
  const int flags_;
  const std::size_t buffers_;
  const std::size_t buffer_bytes_;
  std::size_t stride_;
  std::byte* memory_;
  std::mutex mutex_;
  std::mutex telling_;
  bool abandoned_ = false;
  std::condition_variable wake_;
  std::deque<DeviceRequest> requests_;
  std::atomic<bool> closing_{false};
  std::atomic<bool> ended_{false};
  std::atomic<volatile std::uint32_t*> registers_{nullptr};
  std::atomic<std::size_t> mapped_bytes_{0};
  int descriptor_ = -1;
  pthread_t thread_{};
  Done done_;
  Ended tell_ended_;
};

}  // namespace flimd
