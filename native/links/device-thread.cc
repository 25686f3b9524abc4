#include "links/device-thread.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

namespace flimd {
namespace {

// DMA engines scatter over pages: a buffer that begins with one needs the fewest descriptors.
constexpr std::size_t kPageBytes = 4096;
// The kernel pins every page of a buffer for every call: with huge pages that takes half the time.
constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;
// In steps of nice. The thread hardly computes, but while it waits for a processor the device has nowhere to write to:
// above all it must not make way for the thread that it has just told of a buffer.
constexpr int kAheadOfOthers = 10;

constexpr std::size_t rounded_up(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

std::byte* page_aligned(std::size_t bytes) {
  const std::size_t page = bytes < kHugePageBytes ? kPageBytes : kHugePageBytes;
  const std::size_t whole = rounded_up(bytes, page);
  auto* const memory = static_cast<std::byte*>(std::aligned_alloc(page, whole));
  if (memory == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  // A wish: where it is not granted, small pages do.
  if (page == kHugePageBytes) madvise(memory, whole, MADV_HUGEPAGE);
#endif
  return memory;
}

// Needs CAP_SYS_NICE or RLIMIT_NICE; without, the thread has the same priority as all others.
void go_first() {
#ifdef __linux__
  // 0 is the calling thread: Linux keeps a nice value for each.
  const int others = getpriority(PRIO_PROCESS, 0);
  static_cast<void>(setpriority(PRIO_PROCESS, 0, others - kAheadOfOthers));
#endif
}

// A real-time signal that neither Node nor glibc uses. Its handler does nothing; that it comes ends a blocked call.
int wake_signal() { return SIGRTMIN + 7; }

void install_wake_signal() {
  static const bool installed = [] {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigemptyset(&action.sa_mask);
    return sigaction(wake_signal(), &action, nullptr) == 0;  // without SA_RESTART
  }();
  static_cast<void>(installed);
}

}  // namespace

DeviceThread::DeviceThread(std::string path, int flags, std::size_t buffers, std::size_t buffer_bytes)
    : path_(std::move(path)), flags_(flags), buffers_(buffers), buffer_bytes_(buffer_bytes) {
  stride_ = rounded_up(buffer_bytes, kPageBytes);
  memory_ = page_aligned(stride_ * buffers);
}

DeviceThread::~DeviceThread() { std::free(memory_); }

void DeviceThread::start(const std::shared_ptr<DeviceThread>& self, Done done, Ended ended) {
  install_wake_signal();
  self->done_ = std::move(done);
  self->tell_ended_ = std::move(ended);
  // The thread owns a share of its state: one that never comes back from the kernel keeps it.
  std::thread thread([self] { self->run(); });
  self->thread_ = thread.native_handle();
  thread.detach();
}

void DeviceThread::submit(const DeviceRequest& request) {
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  wake_.notify_one();
}

void DeviceThread::interrupt() {
  // Under the lock: the thread takes it before it ends, so its handle is good while `ended_` is not set.
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  closing_ = true;
  wake_.notify_one();
  pthread_kill(thread_, wake_signal());
}

void DeviceThread::run() {
  sigset_t wake;
  sigemptyset(&wake);
  sigaddset(&wake, wake_signal());
  pthread_sigmask(SIG_UNBLOCK, &wake, nullptr);
  go_first();
  for (DeviceRequest request; next(request);) {
    const std::int64_t result = carry_out(request);
    tell([&] { done_(request.id, result); });
  }
  let_go();
  cancel_rest();
  tell(tell_ended_);
  const std::lock_guard lock(mutex_);
  ended_ = true;
}

// A mapping holds the node open as the descriptor does, and with it the driver.
void DeviceThread::let_go() {
  auto* const registers = const_cast<std::uint32_t*>(registers_.exchange(nullptr));
  if (registers != nullptr) munmap(registers, mapped_bytes_.exchange(0));
  if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
}

void DeviceThread::tell(const std::function<void()>& news) {
  const std::lock_guard lock(telling_);
  if (!abandoned_) news();
}

void DeviceThread::abandon() {
  const std::lock_guard lock(telling_);
  abandoned_ = true;
}

void DeviceThread::cancel_rest() {
  std::deque<DeviceRequest> rest;
  {
    const std::lock_guard lock(mutex_);
    rest.swap(requests_);
  }
  for (const DeviceRequest& request : rest) {
    tell([&] { done_(request.id, -ECANCELED); });
  }
}

bool DeviceThread::next(DeviceRequest& request) {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return closing_ || !requests_.empty(); });
  if (closing_) return false;
  request = requests_.front();
  requests_.pop_front();
  return true;
}

std::int64_t DeviceThread::carry_out(const DeviceRequest& request) {
  for (;;) {
    std::int64_t result = -1;
    switch (request.call) {
      case DeviceCall::kOpen: result = open_node(); break;
      case DeviceCall::kMap: result = map(request.bytes); break;
      default: result = transfer(request);
    }
    if (result >= 0) return result;
    const int error = errno;
    if (closing_) return -ECANCELED;
    if (error != EINTR) return -error;
  }
}

std::int64_t DeviceThread::open_node() {
  descriptor_ = path_.empty() ? fcntl(flags_, F_DUPFD_CLOEXEC, 0) : open(path_.c_str(), flags_ | O_CLOEXEC);
  return descriptor_ < 0 ? -1 : 0;
}

std::int64_t DeviceThread::map(std::size_t bytes) {
  void* const address = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
  if (address == MAP_FAILED) return -1;
  mapped_bytes_ = bytes;
  registers_ = static_cast<std::uint32_t*>(address);
  return static_cast<std::int64_t>(bytes);
}

std::int64_t DeviceThread::transfer(const DeviceRequest& request) {
  std::byte* const data = buffer(request.buffer);
  if (request.call == DeviceCall::kRead) {
    return request.position < 0 ? read(descriptor_, data, request.bytes)
                                : pread(descriptor_, data, request.bytes, request.position);
  }
  return request.position < 0 ? write(descriptor_, data, request.bytes)
                              : pwrite(descriptor_, data, request.bytes, request.position);
}

}  // namespace flimd
