#include "links/device-thread.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
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
  stride_ = (buffer_bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
  memory_ = static_cast<std::byte*>(std::aligned_alloc(kPageBytes, stride_ * buffers));
  if (memory_ == nullptr) throw std::bad_alloc();
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
